import { expect, it } from 'vitest';
import { noCounts } from '../../main/decoding/counters';
import { rivalRows, runRival } from './rival';

const node = (script: string) => `"${process.execPath}" -e "${script}"`;

it('reads rates by name', async () => {
  const rates = await runRival(node('console.log(\'{\\"plain\\": 200}\')'));
  expect(rates).toEqual({ plain: 200 });
});

it.each([
  [node("console.log('200')"), '--rival must print one JSON object of tokens a second by name'],
  [node('process.exit(3)'), '--rival failed (exit code 3)'],
])('refuses %s in one sentence', async (command, sentence) => {
  await expect(runRival(command)).rejects.toThrow(sentence);
});

it('compares the runs of one turn', () => {
  const result = {
    cancelled: false,
    counters: { ...noCounts(), committed: 100 },
    frames: 100,
    firstSoundMs: null,
    plainTokensPerSecond: null,
    targetMs: 0,
    draftMs: 0,
    codecMs: 100,
  };
  const samples = [400, 600].map((wallMs, sentence) => ({
    place: 'here',
    method: 'plain',
    sentence,
    seed: 1,
    result: { ...result, wallMs },
  }));
  const runs = [0, 1].map((sentence) => ({ sentence, seed: 1, rates: { its: 100 } }));
  // 100 tokens in 300 and in 500 ms without the codec.
  const [row] = rivalRows(runs, samples, 'here', ['plain']);
  expect(row.name).toBe('its');
  expect(row.ours.plain.most).toBeCloseTo(10 / 3);
  expect(row.ours.plain.least).toBeCloseTo(2);
});
