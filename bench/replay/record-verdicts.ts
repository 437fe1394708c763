import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toFailure } from '../../contract/failure';
import { fail } from '../../main/cli/exit';
import { Engine } from '../../main/inference/engine';
import { loadPack } from '../../main/packs/pack';
import { speakRequest } from '../../main/speak-request';
import { SENTENCES } from '../sentences';

/*
 * `npm run bench:verdicts`: records which drafts were kept, one after another, with the pack in
 * models/default at the θ that comes nearest to an acceptance rate of 0.80, into verdicts.json.
 */

const WANTED = 0.8;
const STEP = 0.02;

async function record(): Promise<void> {
  const root = join(import.meta.dirname, '../..');
  const pack = await loadPack(join(root, 'models/default'));
  const { defaults, voices, thetaFloor } = pack.summary;
  const engine = await Engine.load(pack.engine, 'cpu');
  const settings = { ...defaults, voice: voices[0].name, topK: 0, repetitionPenalty: 1 };

  const judged = async (method: 'exact' | 'pcg', theta: number) => {
    let verdicts = '';
    for (const [sentence, text] of SENTENCES.entries()) {
      const request = speakRequest(pack, text, { ...settings, method, theta, seed: 1 + sentence });
      await engine.speak(request, (event) => {
        if (event.type !== 'rounds') return;
        for (const round of event.rounds) {
          for (const verdict of round.judged) verdicts += verdict.accepted ? '1' : '0';
        }
      });
    }
    const kept = [...verdicts].filter((verdict) => verdict === '1').length / verdicts.length;
    console.log(`${method}, θ ${theta.toFixed(2)}: α ${kept.toFixed(3)}`);
    return { verdicts, alpha: kept };
  };

  let theta = Math.min(1, defaults.theta + 5 * STEP);
  let best = { ...(await judged('pcg', theta)), theta };
  while (best.alpha < WANTED && theta - STEP >= thetaFloor) {
    theta -= STEP;
    const next = { ...(await judged('pcg', theta)), theta };
    if (Math.abs(next.alpha - WANTED) < Math.abs(best.alpha - WANTED)) best = next;
    if (next.alpha >= WANTED) break;
  }
  const exact = await judged('exact', best.theta);
  await engine.close();
  const recording = {
    pack: pack.summary.id,
    theta: Number(best.theta.toFixed(2)),
    lookahead: defaults.lookahead,
    exact: exact.verdicts,
    pcg: best.verdicts,
  };
  const file = join(root, 'bench/replay/verdicts.json');
  await writeFile(file, `${JSON.stringify(recording, null, 2)}\n`);
}

try {
  await record();
} catch (error) {
  const { kind, message } = toFailure(error);
  fail(kind, message);
}
