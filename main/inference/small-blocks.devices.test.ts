import { expect, it } from 'vitest';
import { whyAbsent } from './device-reasons';
import { inSmallBlocks } from './small-blocks';
import { multiply, product } from './testing/quantised-product';

it.for([1, 3, 4, 5, 9, 40])(
  'a GPU multiplies %i positions with small blocks as the CPU does',
  (positions, ctx) => {
    const model = inSmallBlocks(product({ bits: 4, block: 32, scaled: 'cast from half' }));
    const absent = whyAbsent('webgpu');
    if (absent) ctx.skip(absent);
    const onGpu = multiply(model, { device: 'webgpu', positions });
    const onCpu = multiply(model, { positions });
    expect(onGpu).toHaveLength(onCpu.length);
    onGpu.forEach((value, i) => {
      expect(value).toBeCloseTo(onCpu[i], 3);
    });
  },
);
