import type { Manifest } from '../manifest';
import { type Folded, fold } from './fold';
import { type Place, RULES } from './rules';

/** A word, a punctuation mark, a space, a paragraph's end or a pause of the text as it will be read. */
export type Unit = {
  kind: 'word' | 'mark' | 'space' | 'paragraph' | 'pause';
  text: string;
  /** Where it was written in the source, [start, end) in UTF-16 units. */
  start: number;
  end: number;
  /** Of a pause. */
  seconds?: number;
};

export type Normalised = {
  units: Unit[];
  /** Ranges of the source that cannot be spoken: sorted, disjoint, [start, end). */
  unspeakable: [start: number, end: number][];
};

/** How much of the text around a match a rule may look at. */
const VIEW = 48;

const SPACE = /\s+/y;
/** A pause of a stated length: [0.5 s]. */
const PAUSE = /\[\s*(?:\d+(?:\.\d+)?|\.\d+)\s*s\s*\]/y;
export const LONGEST_PAUSE_SECONDS = 10;
/** A dash between words is a pause; a hyphen touches a word on one side at least. */
const DASH = /--+|-(?=\s|$)(?<=(?:^|\s)-)/y;
const MARKS = /[,.;:?!](?: *[,.;:?!])*/y;
const COMPOUND = /[A-Za-z]+(?:'[A-Za-z]+)?(?:-[A-Za-z']+){1,5}(?![A-Za-z'-])/y;
const WORD = /'?[A-Za-z]+(?:'[A-Za-z]+)*'?/y;

/** Of marks in a row only the weightiest is read. */
const WEIGHT = '?!.;:,';

/**
 * Writes a text out as it is read: numbers, dates, money, abbreviations and symbols in words,
 * white space and punctuation tidied. Every paragraph ends in a full stop, `?` or `!`.
 */
export function normalise(
  source: string,
  text: Manifest['text'],
  knows: (word: string) => boolean,
): Normalised {
  const folded = fold(source, text);
  const reading = new Reading(folded, text.silent, knows);
  while (!reading.done) reading.step();
  return reading.finish();
}

class Reading {
  private readonly units: Unit[] = [];
  private readonly unspeakable: [number, number][] = [];
  /** Of the folded text. */
  private at = 0;

  constructor(
    private readonly folded: Folded,
    private readonly silent: string,
    private readonly knows: (word: string) => boolean,
  ) {}

  get done(): boolean {
    return this.at >= this.folded.text.length;
  }

  finish(): Normalised {
    this.endParagraph(this.at, this.at);
    for (;;) {
      const last = this.units.at(-1);
      if (last?.kind !== 'paragraph' && last?.kind !== 'pause') break;
      this.units.pop();
      // A pause stands between words.
      if (last.kind === 'pause') this.unspeakable.push([last.start, last.end]);
    }
    this.unspeakable.sort(([a], [b]) => a - b);
    return { units: this.units, unspeakable: this.unspeakable };
  }

  /** Reads one token: what the rules know, then words, then what stands between them. */
  step(): void {
    const from = this.at;
    const space = this.match(SPACE);
    if (space !== null) {
      this.space(space, from);
      return;
    }
    const pause = this.match(PAUSE);
    if (pause !== null) {
      this.pause(Number.parseFloat(pause.slice(1)), from);
      return;
    }
    if (this.readByRule()) return;

    const word =
      this.match(COMPOUND, (found) => this.knows(found.toLowerCase())) ?? this.match(WORD);
    if (word !== null) {
      this.word(this.unquoted(word), from);
    } else if (this.match(DASH) !== null) {
      this.mark(',', from);
    } else {
      const marks = this.match(MARKS);
      if (marks === null) this.character(from);
      else this.mark([...WEIGHT].find((mark) => marks.includes(mark)) ?? '.', from);
    }
  }

  private character(from: number): void {
    const character = String.fromCodePoint(this.folded.text.codePointAt(from) ?? 0);
    this.at += character.length;
    if (character === '-') this.hyphen(from);
    // What is left of apostrophes are quotation marks.
    else if (character !== "'" && !this.silent.includes(character)) this.refuse(from);
  }

  private readByRule(): boolean {
    const { text } = this.folded;
    const from = this.at;
    const place = placeOf(text, from, this.knows);
    for (const { pattern, say } of RULES) {
      pattern.lastIndex = from;
      const match = pattern.exec(text);
      if (match === null || match[0] === '') continue;
      const said = say(match, place(pattern.lastIndex));
      if (said === null) continue;
      this.at = pattern.lastIndex;
      for (const [, word, mark] of said.matchAll(/([A-Za-z']+)([.,])?/g)) {
        this.word(word, from);
        if (mark) this.mark(mark, from);
      }
      return true;
    }
    return false;
  }

  private match(pattern: RegExp, accept: (found: string) => boolean = () => true): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.folded.text)?.[0];
    if (found === undefined || !accept(found)) return null;
    this.at += found.length;
    return found;
  }

  /** Apostrophes around a word are quotation marks, unless the dictionary has it so ('tis). */
  private unquoted(word: string): string {
    const forms = [word, word.replace(/'$/, ''), word.replace(/^'/, '')];
    return forms.find((form) => this.knows(form.toLowerCase())) ?? word.replace(/^'|'$/g, '');
  }

  private push(kind: Unit['kind'], text: string, from: number): void {
    this.units.push({ kind, text, ...this.rangeFrom(from) });
  }

  /** Of the source: what was read since `from` of the folded text. */
  private rangeFrom(from: number): { start: number; end: number } {
    const { starts, ends } = this.folded;
    const start = starts[from] ?? ends.at(-1) ?? 0;
    return { start, end: this.at > from ? ends[this.at - 1] : start };
  }

  private word(text: string, from: number): void {
    const last = this.units.at(-1);
    if (last?.kind === 'word' || (last?.kind === 'mark' && last.text !== '-')) {
      const { start } = this.rangeFrom(from);
      this.units.push({ kind: 'space', text: ' ', start, end: start });
    }
    this.push('word', text, from);
  }

  private mark(text: string, from: number): void {
    if (this.units.at(-1)?.kind === 'space') this.units.pop();
    const last = this.units.at(-1);
    if (last?.kind === 'word') this.push('mark', text, from);
    else if (last?.kind === 'mark' && WEIGHT.indexOf(text) < markWeight(last)) {
      this.units.pop();
      this.push('mark', text, from);
    }
  }

  private pause(seconds: number, from: number): void {
    if (this.units.length === 0 || seconds === 0 || seconds > LONGEST_PAUSE_SECONDS) {
      this.refuse(from);
      return;
    }
    // What comes before is read as a clause of its own.
    this.mark(',', from);
    const text = ` [${seconds} s] `;
    this.units.push({ kind: 'pause', text, seconds, ...this.rangeFrom(from) });
  }

  private hyphen(from: number): void {
    if (this.units.at(-1)?.kind === 'word') this.push('mark', '-', from);
  }

  private space(space: string, from: number): void {
    if (/\n\s*\n/.test(space)) {
      this.endParagraph(from, this.at);
      return;
    }
    // A line that starts like a sentence ends the one before it; another was wrapped.
    if (
      space.includes('\n') &&
      /^["'(-]?\s?[A-Z\d]/.test(this.folded.text.slice(this.at, this.at + 3))
    ) {
      this.endSentence(from);
    }
    const last = this.units.at(-1);
    if (last?.kind === 'word' || last?.kind === 'mark') this.push('space', ' ', from);
  }

  /** Pauses at its end come behind its full stop. */
  private endSentence(from: number): void {
    const pauses = this.units.splice(this.units.findLastIndex(({ kind }) => kind !== 'pause') + 1);
    this.closeSentence(from);
    this.units.push(...pauses);
  }

  private closeSentence(from: number): void {
    if (this.units.at(-1)?.kind === 'space') this.units.pop();
    const last = this.units.at(-1);
    if (last === undefined || last.kind === 'paragraph') return;
    if (last.kind === 'mark' && '.?!'.includes(last.text)) return;
    if (last.kind === 'mark') this.units.pop();
    this.push('mark', '.', from);
  }

  private endParagraph(from: number, to: number): void {
    this.at = to;
    this.endSentence(from);
    if (this.units.length > 0 && this.units.at(-1)?.kind !== 'paragraph') {
      this.push('paragraph', '\n', from);
    }
  }

  private refuse(from: number): void {
    const { start, end } = this.rangeFrom(from);
    const last = this.unspeakable.at(-1);
    if (last !== undefined && last[1] >= start) last[1] = end;
    else this.unspeakable.push([start, end]);
  }
}

const markWeight = ({ text }: Unit) => (text === '-' ? WEIGHT.length : WEIGHT.indexOf(text));

/** What surrounds a match, cut out only once a pattern has matched. */
const placeOf = (text: string, from: number, knows: Place['knows']) => {
  const before = text.slice(Math.max(0, from - VIEW), from);
  return (to: number): Place => ({ before, after: text.slice(to, to + VIEW), knows });
};
