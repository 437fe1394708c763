import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { KeyValueCaches } from './caches';
import { syntheticDecoder } from './testing/synthetic-pack';

it('lets go of copies of its caches at once, and of nothing else', () => {
  const session = { inputMetadata: [] } as unknown as InferenceSession;
  const caches = new KeyValueCaches(syntheticDecoder, session, 'cpu');
  const tensor = () => new Tensor('float32', new Float32Array(4), [4]);
  const [own, ...copied] = caches.names;
  const copies = copied.map(({ present }) => [present, tensor()] as const);
  const logits = tensor();
  const held = (caches.tensors[own.past].data as Float32Array).length;
  caches.discardCopies({
    logits,
    // A runtime that hands back what it was given must not lose it.
    [own.present]: caches.tensors[own.past],
    ...Object.fromEntries(copies),
  });
  for (const [, { data }] of copies) expect((data as Float32Array).buffer.byteLength).toBe(0);
  expect((logits.data as Float32Array).length).toBe(4);
  expect((caches.tensors[own.past].data as Float32Array).length).toBe(held);
  expect(held).toBeGreaterThan(0);
});
