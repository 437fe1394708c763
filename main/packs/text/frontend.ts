import { FailureError } from '../../../contract/failure';
import type { Pronunciation, PronunciationReport } from '../../../contract/pronunciation';
import { MAX_TEXT_LENGTH } from '../../../contract/settings';
import type { TextReport } from '../../../contract/text';
import type { PromptPiece } from '../../inference/messages';
import { type Manifest, symbolLimit } from '../manifest';
import type { Dictionary } from './dictionary';
import { type Normalised, normalise } from './normalise';
import { pronounce } from './pronounce';
import { reportPronunciation, withPronunciations } from './pronunciations';
import { type SpokenUnit, split } from './split';

/** From typed text to prompts. A list of pronunciations goes before the dictionary. */
export type FrontEnd = {
  /** What will become of a text; quick enough to be called at every key. */
  inspect(text: string, pronunciations?: readonly Pronunciation[], pace?: string): TextReport;
  /**
   * Prompts of the pieces that a text is decoded in. Throws a `FailureError`: `text` when nothing
   * of it can be spoken, `usage` for a voice or a pace that the pack does not have.
   */
  prepare(
    text: string,
    voice: string,
    pronunciations?: readonly Pronunciation[],
    pace?: string,
  ): PromptPiece[];
  /** Its words, with their ARPAbet phones, or the letters of what the dictionary lacks. */
  words(
    text: string,
    pronunciations?: readonly Pronunciation[],
  ): { text: string; symbols: readonly string[] }[];
  /** What an entry of a pronunciation list will sound like. */
  inspectPronunciation(entry: Pronunciation): PronunciationReport;
};

type ReadPiece = {
  units: SpokenUnit[];
  /** Before it, as the text asks for; 0 where it does not. */
  pauseFrames: number;
};
type Reading = Normalised & { pieces: ReadPiece[]; spelled: string[] };

const USUAL_PACE = { rate: 1 };

/** The front end of a pack. */
export function createFrontEnd(manifest: Manifest, dictionary: Dictionary): FrontEnd {
  const { text: rules, tokens, voices, paces = [] } = manifest;
  const ids = new Map(rules.symbols.map((symbol, i) => [symbol, tokens.textBase + i]));
  // One token of a piece is kept for the full stop that a cut may need.
  const limit = symbolLimit(manifest) - 1;
  const idsOf = (symbols: readonly string[]) => symbols.flatMap((symbol) => ids.get(symbol) ?? []);
  const fullStop = idsOf(['.']);

  const dictionaryWith = (pronunciations: readonly Pronunciation[]) =>
    pronunciations.length === 0 ? dictionary : withPronunciations(dictionary, pronunciations);

  function read(text: string, pronunciations: readonly Pronunciation[]): Reading {
    const words = dictionaryWith(pronunciations);
    const normalised = normalise(text, rules, (word) => words(word) !== null);
    const spelled = new Set<string>();
    const units = normalised.units.flatMap((unit): SpokenUnit[] => {
      if (unit.kind === 'paragraph' || unit.kind === 'pause') return [{ ...unit, ids: [] }];
      if (unit.kind !== 'word') return [{ ...unit, ids: idsOf([unit.text]) }];
      const { symbols, known } = pronounce(unit.text, words);
      if (!known) spelled.add(unit.text);
      return breathsOf(unit, idsOf(symbols));
    });
    const pieces = stretchesOf(units).flatMap(({ spoken, pauseSeconds }) =>
      split(spoken, limit).map((piece, i) => ({
        units: piece,
        pauseFrames: i === 0 ? Math.ceil(pauseSeconds * manifest.frameRate) : 0,
      })),
    );
    return { ...normalised, pieces, spelled: [...spelled] };
  }

  /** A word longer than a piece is read in several breaths. */
  function breathsOf(unit: Normalised['units'][number], sounds: readonly number[]): SpokenUnit[] {
    const parts: SpokenUnit[] = [];
    for (let at = 0; at < sounds.length; at += limit) {
      const text = unit.text.slice(at, at + limit);
      parts.push({ ...unit, text, ids: sounds.slice(at, at + limit) });
    }
    return parts;
  }

  const symbolsOf = (piece: SpokenUnit[]): number[] => {
    const last = piece[piece.length - 1];
    const symbols = piece.flatMap((unit) => unit.ids);
    // Without a mark at its end the model does not know that a piece is over.
    return last.kind === 'mark' ? symbols : [...symbols, ...fullStop];
  };
  const expectedFrames = (symbols: number, rate: number) =>
    Math.round((rules.framesPerSymbol * symbols + rules.framesPerPiece) / rate);
  const paceOf = (name: string | undefined) => paces.find((pace) => pace.name === name);

  return {
    inspect(text, pronunciations = [], pace) {
      const refused = text.length > MAX_TEXT_LENGTH;
      const { units, unspeakable, pieces, spelled } = read(refused ? '' : text, pronunciations);
      const { rate } = paceOf(pace) ?? USUAL_PACE;
      const frames = pieces.reduce(
        (sum, { units, pauseFrames }) =>
          sum + pauseFrames + expectedFrames(symbolsOf(units).length, rate),
        0,
      );
      return {
        unspeakable,
        spoken: units.map((unit) => unit.text).join(''),
        spelled,
        pieces: pieces.length,
        seconds: frames / manifest.frameRate,
        problem: problemOf(text, pieces.length > 0, unspeakable.length > 0),
      };
    },

    prepare(text, voiceName, pronunciations = [], paceName) {
      const voice = voices.find(({ name }) => name === voiceName);
      if (voice === undefined) {
        const names = voices.map(({ name }) => name).join(', ');
        throw new FailureError(
          'usage',
          `There is no voice "${voiceName}": choose one of ${names}.`,
        );
      }
      const pace = paceOf(paceName);
      if (paceName !== undefined && pace === undefined) {
        throw new FailureError('usage', `This voice pack has no pace “${paceName}”.`);
      }
      const { pieces, unspeakable } = read(
        text.length > MAX_TEXT_LENGTH ? '' : text,
        pronunciations,
      );
      const problem = problemOf(text, pieces.length > 0, unspeakable.length > 0);
      if (problem !== null) throw new FailureError('text', problem);
      return pieces.map(({ units, pauseFrames }) => {
        const symbols = symbolsOf(units);
        return {
          text: units.map((unit) => unit.text).join(''),
          prompt: [
            ...symbols,
            voice.token,
            ...(pace === undefined ? [] : [pace.token]),
            tokens.startOfSpeech,
          ],
          voice: voice.token,
          expectedFrames: expectedFrames(symbols.length, (pace ?? USUAL_PACE).rate),
          ...(pauseFrames > 0 ? { pauseFrames } : {}),
        };
      });
    },

    words(text, pronunciations = []) {
      const words = dictionaryWith(pronunciations);
      const { units } = normalise(text, rules, (word) => words(word) !== null);
      return units
        .filter(({ kind }) => kind === 'word')
        .map(({ text }) => ({ text, symbols: pronounce(text, words).symbols }));
    },

    inspectPronunciation: (entry) => reportPronunciation(entry, dictionary),
  };
}

/** What is spoken between pauses, each with the pause before it. */
function stretchesOf(
  units: readonly SpokenUnit[],
): { spoken: SpokenUnit[]; pauseSeconds: number }[] {
  const stretches: { spoken: SpokenUnit[]; pauseSeconds: number }[] = [];
  let stretch = { spoken: [] as SpokenUnit[], pauseSeconds: 0 };
  for (const unit of units) {
    if (unit.kind === 'pause' && stretch.spoken.length > 0) {
      stretches.push(stretch);
      stretch = { spoken: [], pauseSeconds: 0 };
    }
    if (unit.kind === 'pause') stretch.pauseSeconds += unit.seconds ?? 0;
    // A stretch begins a paragraph anyway.
    else if (unit.kind !== 'paragraph' || stretch.spoken.length > 0) stretch.spoken.push(unit);
  }
  return [...stretches, stretch];
}

function problemOf(text: string, speakable: boolean, struck: boolean): string | null {
  if (text.length > MAX_TEXT_LENGTH) {
    const [has, may] = [text.length, MAX_TEXT_LENGTH].map((n) => n.toLocaleString('en'));
    return `The text has ${has} characters: shorten it to ${may}.`;
  }
  if (text.trim() === '') return 'Type something to speak.';
  if (speakable) return null;
  return struck
    ? 'This voice cannot speak any of these characters: type English words in Latin letters.'
    : 'There is only punctuation here: type some words to speak.';
}
