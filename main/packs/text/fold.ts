import type { Manifest } from '../manifest';

/**
 * A text in the characters that the rules know, with the way back: character i of `text` was read
 * from [starts[i], ends[i]) of the source. All offsets are UTF-16 units.
 */
export type Folded = { text: string; starts: number[]; ends: number[] };

/**
 * Replaces characters as the pack says, folds accents and compatibility forms to ASCII (café →
 * cafe, ﬁ → fi), and makes all white space spaces and line breaks. Other characters stay.
 */
export function fold(
  source: string,
  { replacements, silent }: Pick<Manifest['text'], 'replacements' | 'silent'>,
): Folded {
  let text = '';
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const character of source) {
    const end = at + character.length;
    const invisible = character > '~' && /^\p{Cf}$/u.test(character);
    const attached = invisible || (character > '~' && /^\p{M}$/u.test(character));
    if (attached && text !== '' && !text.endsWith(' ') && !text.endsWith('\n')) {
      // An accent or a joiner shares the fate of the character it sits on.
      ends[ends.length - 1] = end;
    } else if (!invisible) {
      const form = formOf(character, replacements, silent);
      text += form;
      for (let i = 0; i < form.length; i++) {
        starts.push(at);
        ends.push(end);
      }
    }
    at = end;
  }
  return { text, starts, ends };
}

function formOf(character: string, replacements: Record<string, string>, silent: string): string {
  if (Object.hasOwn(replacements, character)) return replacements[character];
  if ((character >= ' ' && character <= '~') || silent.includes(character)) return character;
  if (/^[\n\u2028\u2029]$/.test(character)) return '\n';
  if (/^\s$/.test(character)) return ' ';
  // Superscripts and fractions lose their meaning with their form; rules read them as they are.
  if (/^\p{No}$/u.test(character)) return character;
  const plain = character.normalize('NFKD').replace(/\p{M}/gu, '');
  return /^[!-~]+$/.test(plain) ? plain : character;
}
