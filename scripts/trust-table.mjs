const BEGIN = '<!-- npm run trust -->';
const END = '<!-- /npm run trust -->';

/** @typedef {import('../tests/trust/figures').Figure} Figure */

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const HEAD = ['| threat or fault | tried | survived | figure |', '| --- | --- | --- | --- |'];

/**
 * Rows of the table of docs/trust.md, by what each is about, in the order in which the attacks ran.
 * @param {readonly Figure[]} figures
 * @returns {Map<string, string>}
 */
export function trustRows(figures) {
  return new Map(
    figures.map(({ threat, tried, survived, figure }) => [
      cell(threat),
      `| ${cell(threat)} | ${tried} | ${survived} | ${cell(figure)} |`,
    ]),
  );
}

/**
 * The page with these rows in its table: each in the place of the last one about the same, or behind all others.
 * Throws an `Error` for a page without the table's marks.
 * @param {string} page
 * @param {Map<string, string>} rows
 * @param {string} machine on which they were made
 */
export function withTrustRows(page, rows, machine) {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error('The page has no place for the table.');
  const kept = page
    .slice(from + BEGIN.length, to)
    .split('\n')
    .filter((line) => line.startsWith('| ') && !HEAD.includes(line));
  // A cell may hold an escaped bar, which ends none.
  const about = (/** @type {string} */ line) => /^\| ((?:[^|\\]|\\.)*) \|/.exec(line)?.[1] ?? line;
  const table = new Map([
    ...kept.map((line) => /** @type {const} */ ([about(line), line])),
    ...rows,
  ]);
  const lines = [`Printed by \`npm run trust\` on ${machine}.`, '', ...HEAD, ...table.values()];
  return `${page.slice(0, from + BEGIN.length)}\n${lines.join('\n')}\n${page.slice(to)}`;
}
