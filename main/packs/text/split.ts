import type { Unit } from './normalise';

/** A unit with its prompt tokens; a paragraph's end has none. */
export type SpokenUnit = Unit & { ids: readonly number[] };

const SENTENCES = new Intl.Segmenter('en', { granularity: 'sentence' });
const CLAUSE_ENDS = ',;:.?!';

/**
 * Splits a text into pieces of at most `limit` tokens each, in order and without loss: whole
 * sentences of one paragraph as far as they fit; a longer sentence at the clause nearest its
 * middle, then between words. No unit may have more than `limit` tokens.
 */
export function split(units: readonly SpokenUnit[], limit: number): SpokenUnit[][] {
  return paragraphsOf(units).flatMap((paragraph) =>
    pack(
      sentencesOf(paragraph).flatMap((sentence) => halve(sentence, limit)),
      limit,
    ),
  );
}

const lengthOf = (units: readonly SpokenUnit[]) =>
  units.reduce((sum, unit) => sum + unit.ids.length, 0);

const trim = (units: SpokenUnit[]): SpokenUnit[] => {
  const from = units.findIndex((unit) => unit.kind !== 'space');
  const to = units.findLastIndex((unit) => unit.kind !== 'space');
  return from === -1 ? [] : units.slice(from, to + 1);
};

function paragraphsOf(units: readonly SpokenUnit[]): SpokenUnit[][] {
  const paragraphs: SpokenUnit[][] = [[]];
  for (const unit of units) {
    if (unit.kind === 'paragraph') paragraphs.push([]);
    else paragraphs[paragraphs.length - 1].push(unit);
  }
  return paragraphs.filter((paragraph) => paragraph.length > 0);
}

/** The trailing space of a sentence stays with it. */
function sentencesOf(paragraph: SpokenUnit[]): SpokenUnit[][] {
  const text = paragraph.map((unit) => unit.text).join('');
  const ends = Array.from(SENTENCES.segment(text), ({ index, segment }) => index + segment.length);
  const sentences: SpokenUnit[][] = [];
  let from = 0;
  let at = 0;
  paragraph.forEach((unit, i) => {
    at += unit.text.length;
    if (at < ends[sentences.length]) return;
    sentences.push(paragraph.slice(from, i + 1));
    from = i + 1;
  });
  return sentences;
}

/** Cuts what is too long near its middle, where a speaker would breathe if there is such a place. */
function halve(units: SpokenUnit[], limit: number): SpokenUnit[][] {
  const total = lengthOf(trim(units));
  if (total <= limit) return [units];
  let best = { cut: 1, rank: -1, distance: Number.POSITIVE_INFINITY };
  let before = 0;
  for (let i = 1; i < units.length; i++) {
    before += units[i - 1].ids.length;
    const rank = rankOf(units[i - 1], units[i]);
    const distance = Math.abs(total / 2 - before);
    if (rank > best.rank || (rank === best.rank && distance < best.distance)) {
      best = { cut: i, rank, distance };
    }
  }
  return [units.slice(0, best.cut), units.slice(best.cut)].flatMap((half) => halve(half, limit));
}

/** How good a place to breathe lies between two units: 2 after a clause, 1 between words. */
function rankOf(last: SpokenUnit, next: SpokenUnit): number {
  if (next.kind !== 'space') return last.kind === 'space' ? 1 : 0;
  return last.kind === 'mark' && CLAUSE_ENDS.includes(last.text) ? 2 : 0;
}

/** Joins neighbours as far as they fit, so that short sentences are not spoken one by one. */
function pack(parts: SpokenUnit[][], limit: number): SpokenUnit[][] {
  const pieces: SpokenUnit[][] = [];
  for (const part of parts) {
    const joined = [...(pieces.at(-1) ?? []), ...part];
    if (pieces.length > 0 && lengthOf(trim(joined)) <= limit) pieces[pieces.length - 1] = joined;
    else pieces.push(part);
  }
  return pieces.map(trim).filter((piece) => piece.length > 0);
}
