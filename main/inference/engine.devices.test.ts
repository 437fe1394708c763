import { expect, it } from 'vitest';
import type { Round } from '../../contract/rounds';
import { Engine } from './engine';
import { PLAIN_USE, type SpeakRequest } from './messages';
import { isSoftware, notPresent } from './testing/devices';
import { syntheticPack, syntheticRequest } from './testing/synthetic-pack';
import { tryDevice } from './trial';

/** Every way of decoding, the processors changing so that graphs that drafted are let go. */
const RUNS: Partial<SpeakRequest>[] = [
  {},
  { method: 'exact' },
  { method: 'pcg' },
  { method: 'pcg', lookahead: 5 },
  { method: 'pcg', topP: 0.9, lookahead: 2 },
  { method: 'pcg', topK: 20, repetitionPenalty: 1.2 },
  { method: 'pcg', lookahead: 4 },
  { method: 'exact', lookahead: 'adaptive', lookaheads: ['12345678'.repeat(8)] },
];

it.for([false, true])(
  'speaks the same on a GPU as on the CPU, drafts on the CPU: %s, in every way and again after each',
  async (draftsOnCpu, ctx) => {
    const pack = await syntheticPack();
    const gpu = { ...PLAIN_USE, draftsOnCpu };
    const onGpu = await Engine.load({ ...pack, gpu }, 'webgpu').catch((error) =>
      ctx.skip(notPresent('webgpu', error)),
    );
    expect(onGpu.device).toMatchObject({ name: 'webgpu', draftsOnCpu });
    const onCpu = await Engine.load(pack, 'cpu');
    const take = async (engine: Engine, change: Partial<SpeakRequest>) => {
      const rounds: Round[] = [];
      await engine.speak({ ...syntheticRequest, ...change }, (event) => {
        if (event.type === 'rounds') rounds.push(...event.rounds);
      });
      return rounds.map(({ judged, ignored, drawn }) => ({
        judged: judged.map(({ token, accepted }) => ({ token, accepted })),
        ignored,
        drawn: drawn?.token,
      }));
    };
    for (const change of RUNS) {
      expect(await take(onGpu, change)).toEqual(await take(onCpu, change));
    }
    await onGpu.close();
    await onCpu.close();
  },
);

it('tries a real GPU: it agrees with the CPU, or is refused for what it gets wrong', async (ctx) => {
  const { objection, tokenMs } = await tryDevice(await syntheticPack(), 'webgpu', true);
  if (/ needs | found no |is not in this build/.test(objection ?? ''))
    return ctx.skip(objection ?? '');
  if (isSoftware('webgpu')) {
    // Its long passes are wrong, which shows in nothing shorter than a prompt.
    expect(objection).toMatch(/^WebGPU does not compute what the CPU does/);
    expect(tokenMs).toBeNull();
  } else {
    expect(tokenMs).toBeGreaterThan(0);
  }
});
