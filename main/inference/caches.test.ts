import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it, vi } from 'vitest';
import { KeyValueCaches } from './caches';
import { syntheticDecoder } from './testing/synthetic-pack';

it('lets go of copies of its caches at once, and of nothing else', () => {
  const session = { inputMetadata: [] } as unknown as InferenceSession;
  const caches = new KeyValueCaches(syntheticDecoder, session, 'cpu');
  const transfer = vi.fn(function (this: ArrayBuffer, _length: number) {
    return this;
  });
  const tensor = () => {
    const buffer = Object.assign(new ArrayBuffer(16), { transfer });
    return new Tensor('float32', new Float32Array(buffer), [4]);
  };
  const [own, ...copied] = caches.names;
  const copies = copied.map(({ present }) => [present, tensor()] as const);
  const logits = tensor();
  // A runtime that hands back what it was given must not lose it.
  Object.assign((caches.tensors[own.past].data as Float32Array).buffer, { transfer });
  const outputs = {
    logits,
    [own.present]: caches.tensors[own.past],
    ...Object.fromEntries(copies),
  };
  caches.discardCopies(outputs);
  expect(transfer.mock.contexts).toEqual(
    copies.map(([, { data }]) => (data as Float32Array).buffer),
  );
  expect(transfer.mock.calls).toEqual(copies.map(() => [0]));
});
