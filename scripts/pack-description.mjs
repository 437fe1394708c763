import { SetupError } from './setup/progress.mjs';

const BEGIN = '<!-- voice pack -->';
const END = '<!-- /voice pack -->';

/**
 * What of a manifest is shown.
 * @typedef {{ name: string, sampleRate: number, frameRate: number, codebookSize: number,
 *   voices: { name: string, description: string, teacher: string, licence: string }[] }} ShownPack
 */

/**
 * A sentence and a table of the voices, in Markdown.
 * @param {ShownPack} pack
 * @returns {string}
 */
export function describePack({ name, sampleRate, frameRate, codebookSize, voices }) {
  const rows = voices.map((voice) => [
    `\`${voice.name}\``,
    voice.description,
    voice.teacher,
    voice.licence,
  ]);
  return [
    `*${name}*: ${voices.length} English voices at ${sampleRate / 1000} kHz, ${frameRate} tokens a second of one codebook of ${codebookSize.toLocaleString('en')}.`,
    '',
    ...[['voice', '', 'taught by', 'licence'], ['---', '---', '---', '---'], ...rows].map((cells) =>
      `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |'),
    ),
  ].join('\n');
}

/**
 * Puts text between the two marks of a page.
 * @param {string} page
 * @param {string} text
 * @returns {string}
 */
export function withDescription(page, text) {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) {
    throw new SetupError(`README.md must hold ${BEGIN} and, after it, ${END}: restore them.`);
  }
  return `${page.slice(0, from)}${BEGIN}\n${text}\n${page.slice(to)}`;
}
