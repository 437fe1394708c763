import { expect, it, type MockInstance, vi } from 'vitest';
import { PLAIN_USE } from './messages';
import { type Decoders, openDecoders } from './models';
import { syntheticPack } from './testing/synthetic-pack';
import { tryDevice } from './trial';

/** Opens the CPU's graphs for every device, and lets a test meddle with those of the one on trial. */
const opening =
  (meddle: (decoders: Decoders) => void): typeof openDecoders =>
  async (pack, device) => {
    const decoders = await openDecoders(pack, 'cpu');
    if (device !== 'cpu') meddle(decoders);
    return decoders;
  };

/** Keeps this thread busy for so many milliseconds, as a pass does. */
function spend(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it('objects to a device whose logits are others', async () => {
  const pack = await syntheticPack();
  const verdict = await tryDevice(
    pack,
    'webgpu',
    false,
    opening(({ target }) => {
      const forward = target.forward.bind(target);
      target.forward = async (tokens) => {
        const logits = (await forward(tokens)).slice();
        // A single step alone is wrong, as when a cache was not written.
        if (tokens.length === 1) logits[3] += 9;
        return logits;
      };
    }),
  );
  expect(verdict.objection).toMatch(/^WebGPU does not compute what the CPU does \(.* nats apart\)/);
});

it('objects to a device that fails, in one sentence', async () => {
  const pack = await syntheticPack();
  const releases: MockInstance[] = [];
  const verdict = await tryDevice(
    pack,
    'webgpu',
    false,
    opening(({ target, draft }) => {
      releases.push(vi.spyOn(target, 'release'), vi.spyOn(draft, 'release'));
      draft.forward = () => Promise.reject(new Error('device was reset\n  at gpu.cc'));
    }),
  );
  const objection = 'WebGPU failed: device was reset.';
  expect(verdict).toEqual({ objection, tokenMs: null, use: PLAIN_USE });
  // In half precision and in single, each captured and as it comes.
  expect(releases.map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
});

it('measures a device that agrees, and objects only when it is slower', async () => {
  const pack = await syntheticPack();
  const verdict = await tryDevice(
    pack,
    'dml',
    false,
    opening(({ target }) => {
      const forward = target.forward.bind(target);
      target.forward = async (tokens) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return forward(tokens);
      };
    }),
  );
  // A round of at least 30 ms, and never more than four or five tokens in it.
  expect(verdict.tokenMs).toBeGreaterThan(5);
  expect(verdict.objection).toMatch(
    /^DirectML works here, but a token .* takes at least .* on the CPU\.$/,
  );
});

it('ends where no use of a device can beat the CPU, or finds the fastest all the same', async () => {
  const pack = await syntheticPack();
  const slow = opening(({ target, draft }) => {
    for (const { stopwatch } of [target, draft]) {
      const time = stopwatch.time.bind(stopwatch);
      stopwatch.time = (work) => {
        spend(8);
        return time(work);
      };
    }
  });
  const brief = await tryDevice(pack, 'webgpu', false, slow);
  expect(brief.use).toBeNull();
  expect(brief.objection).toContain('takes at least');
  const thorough = await tryDevice(pack, 'webgpu', true, slow);
  expect(thorough.use?.draftsOnCpu).toBe(true);
  expect(thorough.objection).toMatch(/takes \d+\.\d ms on it and .* on the CPU\.$/);
});

it('has drafts made on the CPU where a call of the device takes longer', async () => {
  const pack = await syntheticPack();
  const slow: typeof openDecoders = opening(({ draft }) => {
    const time = draft.stopwatch.time.bind(draft.stopwatch);
    draft.stopwatch.time = (work) => {
      spend(6);
      return time(work);
    };
  });
  const { use, tokenMs } = await tryDevice(pack, 'webgpu', true, slow);
  expect(use?.draftsOnCpu).toBe(true);
  // Drafted on the device it is at least 6 ms for two tokens.
  expect(tokenMs).toBeLessThan(3);
});

it('takes small blocks where a device is faster with them', async () => {
  const pack = await syntheticPack();
  const slowIn =
    (blocks: 'small' | 'usual'): typeof openDecoders =>
    async (given, device) => {
      const decoders = await openDecoders(given, 'cpu');
      const isSlow = device !== 'cpu' && given.gpu?.smallBlocks === (blocks === 'small');
      if (isSlow) {
        const { stopwatch } = decoders.target;
        const time = stopwatch.time.bind(stopwatch);
        stopwatch.time = (work) => {
          spend(20);
          return time(work);
        };
      }
      return decoders;
    };
  expect((await tryDevice(pack, 'webgpu', true, slowIn('usual'))).use?.smallBlocks).toBe(true);
  expect((await tryDevice(pack, 'webgpu', true, slowIn('small'))).use?.smallBlocks).toBe(false);
});

it('takes half precision where that agrees, and single precision where it does not', async () => {
  const pack = await syntheticPack();
  const tried: (boolean | undefined)[] = [];
  const open =
    (error: number): typeof openDecoders =>
    async (given, device) => {
      const decoders = await openDecoders(given, 'cpu');
      if (device === 'cpu') return decoders;
      tried.push(given.gpu?.half);
      const { target } = decoders;
      const forward = target.forward.bind(target);
      if (given.gpu?.half) {
        target.forward = async (tokens) => {
          const logits = (await forward(tokens)).slice();
          for (let i = 0; i < logits.length; i += 3) logits[i] += error;
          return logits;
        };
      }
      return decoders;
    };
  const near = await tryDevice(pack, 'webgpu', true, open(1e-3));
  expect([near.use?.half, typeof near.tokenMs]).toEqual([true, 'number']);
  expect(tried).toEqual([true, true]);
  const far = await tryDevice(pack, 'webgpu', true, open(2));
  expect([far.use?.half, typeof far.tokenMs]).toEqual([false, 'number']);
  expect(tried.slice(2)).toEqual([true, true, false, false]);
});

it('opens nothing of a provider that is not in this build', async () => {
  const missing = process.platform === 'darwin' ? 'dml' : 'coreml';
  const { objection } = await tryDevice(await syntheticPack(), missing, false);
  expect(objection).toMatch(/is not in this build of onnxruntime\.$/);
});
