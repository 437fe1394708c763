import { FailureError } from '../../../contract/failure';
import type { SpeakSettings } from '../../../contract/settings';
import type { Take } from '../../../contract/take';
import { tone } from '../../audio/testing/tones';
import { encodeWav } from '../../audio/wav';
import { exampleDraft, exampleTake, SAMPLE_RATE } from '../../takes/testing/examples';
import type { TakeSource } from '../preparation';

export const exampleSettings: SpeakSettings = exampleDraft().settings;
export const exactAndPcg: SpeakSettings[] = [
  { ...exampleSettings, method: 'exact' },
  { ...exampleSettings, method: 'pcg' },
];

/** Takes in memory: tones, louder for PCG. `failAt` makes the take of that number fail. */
export function exampleSource(failAt = Number.POSITIVE_INFINITY) {
  const takes: Take[] = [];
  let made = 0;
  const add = (text: string, settings: SpeakSettings): Take => {
    made += 1;
    const id = `20260102-150405-${String(made).padStart(4, '0')}`;
    const take = exampleTake({ id, text, settings, name: text });
    takes.push(take);
    return take;
  };
  const source: TakeSource = {
    list: () => takes,
    readWav: async (id) => {
      const take = takes.find((each) => each.id === id);
      const level = take?.settings.method === 'pcg' ? 0.4 : 0.1;
      const samples = tone(300, 0.5, SAMPLE_RATE, level);
      return encodeWav({ format: 'float32', samples }, SAMPLE_RATE);
    },
    generate: async (text, settings, signal) => {
      if (signal.aborted) throw new FailureError('cancelled', 'Cancelled.');
      if (made + 1 === failAt) {
        made += 1;
        throw new FailureError('runtime', 'The engine stopped.');
      }
      return add(text, settings);
    },
    packSha256: () => exampleDraft().pack.sha256,
  };
  return { source, takes, add };
}
