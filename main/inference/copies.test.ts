import { expect, it } from 'vitest';
import { discardCopies } from './copies';
import { Tensor } from './onnxruntime';

const tensor = () => new Tensor('float32', new Float32Array(4), [4]);
const lengthOf = ({ data }: Tensor) => (data as Float32Array).length;

it('lets go of copies of what was given at once, and of nothing else', () => {
  const [cache, handedBack, logits, copy, own] = [tensor(), tensor(), tensor(), tensor(), tensor()];
  discardCopies(
    { cache: copy, handedBack, logits: own },
    // A runtime that hands back what it was given must not lose it.
    { cache, handedBack, logits: null },
  );
  expect(lengthOf(copy)).toBe(0);
  for (const kept of [cache, handedBack, logits, own]) expect(lengthOf(kept)).toBe(4);
});
