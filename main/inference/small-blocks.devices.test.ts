import { expect, it } from 'vitest';
import { inSmallBlocks } from './small-blocks';
import { notPresent } from './testing/devices';
import { multiply, product } from './testing/quantised-product';

it.for([1, 3, 4, 5, 9, 40])(
  'a GPU multiplies %i positions with small blocks as the CPU does',
  async (positions, ctx) => {
    const model = inSmallBlocks(product({ bits: 4, block: 32, scaled: 'cast from half' }));
    const onGpu = await multiply(model, { device: 'webgpu', positions }).catch((error) =>
      ctx.skip(notPresent('webgpu', error)),
    );
    const onCpu = await multiply(model, { positions });
    expect(onGpu).toHaveLength(onCpu.length);
    onGpu.forEach((value, i) => {
      expect(value).toBeCloseTo(onCpu[i], 3);
    });
  },
);
