import { DIMENSIONS } from './cepstra';
import { likelihoods, type PhoneModels, SILENCE } from './phone-models';

/** The first frame of each phone of a word, and the frame behind the last: [phones + 1]. */
export type AlignedWord = number[];

type State = { word: number; phone: number; likelihoods: Float32Array };

/**
 * The most probable places of words in sound (Viterbi over three states a phone, with a silence
 * that may be skipped before, between and behind them).
 *
 * `features` is [frames × DIMENSIONS]; `words` holds ARPAbet phones without stress. Of sound that
 * was cut short (`isWhole` false), the words that were reached are given. Empty where the sound is
 * too short for its words.
 */
export function alignWords(
  features: Float32Array,
  words: readonly (readonly string[])[],
  models: PhoneModels,
  isWhole = true,
): AlignedWord[] {
  const frames = features.length / DIMENSIONS;
  const states = statesOf(features, words, models);
  if (frames === 0) return [];
  const steps = new Uint8Array(frames * states.length);
  const maySkip = states.map(({ word }, i) => word > 0 && states[i - 1].word < 0);
  let score = states.map(({ likelihoods }, i) =>
    i === 0 || (i === 1 && states[0].word < 0) ? likelihoods[0] : Number.NEGATIVE_INFINITY,
  );
  for (let frame = 1; frame < frames; frame++) {
    const next = new Array<number>(states.length);
    for (let i = 0; i < states.length; i++) {
      let best = score[i];
      let step = 0;
      if (i > 0 && score[i - 1] > best) {
        best = score[i - 1];
        step = 1;
      }
      if (maySkip[i] && score[i - 2] > best) {
        best = score[i - 2];
        step = 2;
      }
      steps[frame * states.length + i] = step;
      next[i] = best + states[i].likelihoods[frame];
    }
    score = next;
  }
  let at = lastOf(states, score, isWhole);
  if (at === null) return [];
  const aligned: AlignedWord[] = [];
  const enter = (state: State, frame: number, end: number) => {
    if (state.word < 0) return;
    aligned[state.word] ??= [...Array<number>(state.phone + 1).fill(end), end];
    aligned[state.word][state.phone] = frame;
  };
  let end = frames;
  for (let frame = frames - 1; frame >= 0; frame--) {
    const step = frame === 0 ? 1 : steps[frame * states.length + at];
    if (step === 0) continue;
    enter(states[at], frame, end);
    const before: number = at - step;
    if (before < 0 || states[before].word !== states[at].word) end = frame;
    at = before;
  }
  return aligned;
}

function statesOf(
  features: Float32Array,
  words: readonly (readonly string[])[],
  models: PhoneModels,
): State[] {
  const known = new Map<string, Float32Array[]>();
  const of = (phone: string) => {
    let found = known.get(phone);
    if (!found) {
      found = models[phone].map((state) => likelihoods(features, state));
      known.set(phone, found);
    }
    return found;
  };
  // One state of silence is enough: it has no beginning and no end.
  const silence: State = { word: -1, phone: -1, likelihoods: of(SILENCE)[1] };
  return [
    silence,
    ...words.flatMap((phones, word): State[] => [
      ...phones.flatMap((name, phone) =>
        of(name).map((likelihoods) => ({ word, phone, likelihoods })),
      ),
      silence,
    ]),
  ];
}

/** The best state to be in at the end; null where none can be reached. */
function lastOf(states: readonly State[], score: number[], isWhole: boolean): number | null {
  let best: number | null = null;
  const first = isWhole ? states.length - 2 : 0;
  for (let i = Math.max(0, first); i < states.length; i++) {
    if (score[i] > (best === null ? Number.NEGATIVE_INFINITY : score[best])) best = i;
  }
  return best;
}
