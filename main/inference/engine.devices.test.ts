import { describe, expect, it } from 'vitest';
import type { Round } from '../../contract/rounds';
import { Engine } from './engine';
import type { DecoderGraph, SpeakRequest } from './messages';
import { PROVIDERS } from './providers';
import { notPresent, WAYS } from './testing/devices';
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

const onGpus = WAYS.filter(({ device }) => !PROVIDERS[device].isProcessor);

describe.each(onGpus)('an engine on $name', ({ device, gpu }) => {
  it.for([false, true])(
    'speaks the same in every way of decoding, and again after each; drafts on the CPU: %s',
    async (draftsOnCpu, ctx) => {
      const pack = { ...(await syntheticPack()), gpu: { ...gpu, draftsOnCpu } };
      const tried = await Engine.load(pack, device).catch((error) =>
        ctx.skip(notPresent(device, error)),
      );
      expect(tried.device).toMatchObject({ name: device, draftsOnCpu });
      // Half precision may draw other tokens than the CPU does, though never other ones than itself.
      const spare = gpu.captured ? (PROVIDERS[device].capture?.shortest ?? 1) - 1 : 0;
      const asLong = (graph: DecoderGraph) => ({ ...graph, maxLength: graph.maxLength - spare });
      const reference = await Engine.load(
        { ...pack, target: asLong(pack.target), draft: asLong(pack.draft) },
        gpu.half ? device : 'cpu',
      );
      for (const change of RUNS) {
        expect(await take(tried, change)).toEqual(await take(reference, change));
      }
      await tried.close();
      await reference.close();
    },
  );
});

async function take(engine: Engine, change: Partial<SpeakRequest>) {
  const rounds: Round[] = [];
  await engine.speak({ ...syntheticRequest, ...change }, (event) => {
    if (event.type === 'rounds') rounds.push(...event.rounds);
  });
  return rounds.map(({ judged, ignored, drawn }) => ({
    judged: judged.map(({ token, accepted }) => ({ token, accepted })),
    ignored,
    drawn: drawn?.token,
  }));
}

it('tries a GPU: with captured passes one made of software agrees with the CPU too', async (ctx) => {
  const { objection, tokenMs, use } = await tryDevice(await syntheticPack(), 'webgpu', true);
  if (/ needs | found no |is not in this build/.test(objection ?? ''))
    return ctx.skip(objection ?? '');
  expect(tokenMs).toBeGreaterThan(0);
  expect(use?.captured).toBe(true);
});
