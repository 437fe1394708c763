import { conditionNames, sameSettings } from '../../contract/condition-names';
import { FailureError } from '../../contract/failure';
import { CONDITION_LIMITS, type ListeningRequest } from '../../contract/listening';
import type { SpeakSettings } from '../../contract/settings';
import type { Take } from '../../contract/take';
import { seededUniform } from '../decoding/random';
import { comparisons, planTrials } from './design';
import type { ListeningItem, ListeningTest } from './listening-test';

type Source = { settings: SpeakSettings[]; items: ListeningItem[] };

/** Seeds of takes are drawn from a stream of their own, which the order of trials never meets. */
const SEED_STREAM = 1;

/**
 * A test as asked for, with everything drawn that will ever be drawn. Throws a `usage` failure for
 * conditions that make no comparison.
 */
export function planTest(
  { kind, trials, source }: ListeningRequest,
  fresh: { id: string; createdAt: string; seed: number },
  takeOf: (id: string) => Take,
): ListeningTest {
  const { settings, items } =
    source.from === 'takes'
      ? fromTakes(source.rows.map((row) => row.map(takeOf)))
      : fromSentences(source.sentences, source.settings, comparisons(kind, trials), fresh.seed);
  const { min, max } = CONDITION_LIMITS[kind];
  if (settings.length < min || settings.length > max) {
    const wanted = min === max ? `${min}` : `${min} to ${max}`;
    throw new FailureError('usage', `A test of this kind compares ${wanted} settings.`);
  }
  const size = { trials, items: items.length, conditions: settings.length };
  const names = conditionNames(settings);
  return {
    schema: 1,
    ...fresh,
    kind,
    conditions: settings.map((each, i) => ({ name: names[i], settings: each })),
    items,
    trials: planTrials(kind, size, fresh.seed),
  };
}

function fromTakes(rows: Take[][]): Source {
  const settings = rows[0].map((take) => take.settings);
  for (const row of rows) {
    const [{ text }] = row;
    if (row.length !== settings.length || row.some((take) => take.text !== text)) {
      throw new FailureError('usage', 'The takes of one comparison must speak one text.');
    }
    if (new Set(row.map(({ id }) => id)).size < row.length) {
      throw new FailureError('usage', 'A take cannot be compared with itself.');
    }
    if (!row.every((take, i) => sameSettings(take.settings, settings[i]))) {
      throw new FailureError('usage', 'All takes of one condition must have the same settings.');
    }
    const unfinished = row.find(({ status, frames }) => status !== 'finished' || frames === 0);
    if (unfinished) {
      throw new FailureError('usage', `“${unfinished.name}” is no finished take: leave it out.`);
    }
  }
  const items = rows.map((row) => ({
    text: row[0].text,
    seed: row[0].settings.seed,
    takes: row.map(({ id }) => id),
  }));
  return { settings, items };
}

function fromSentences(
  sentences: string[],
  settings: SpeakSettings[],
  wanted: number,
  seed: number,
): Source {
  const alike = settings.some((one, i) =>
    settings.slice(i + 1).some((other) => sameSettings(one, other)),
  );
  if (alike) {
    throw new FailureError('usage', 'Two of the settings are alike: change one of them.');
  }
  const uniform = seededUniform(seed, SEED_STREAM);
  const items = Array.from({ length: wanted }, (_, i) => ({
    text: sentences[i % sentences.length],
    seed: Math.floor(uniform() * 2 ** 32),
    takes: settings.map(() => null),
  }));
  return { settings, items };
}
