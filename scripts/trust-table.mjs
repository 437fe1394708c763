const BEGIN = '<!-- npm run trust -->';
const END = '<!-- /npm run trust -->';

/** @typedef {import('../tests/trust/figures').Figure} Figure */

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/**
 * The table of docs/trust.md, in the order in which the attacks ran.
 * @param {readonly Figure[]} figures
 * @param {string} machine on which they ran
 */
export function trustTable(figures, machine) {
  const rows = figures.map(
    ({ threat, tried, survived, figure }) =>
      `| ${cell(threat)} | ${tried} | ${survived} | ${cell(figure)} |`,
  );
  return [
    `Printed by \`npm run trust\` on ${machine}.`,
    '',
    '| threat or fault | tried | survived | figure |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/**
 * The page with its table renewed. Throws an `Error` for a page without the table's marks.
 * @param {string} page
 * @param {string} table
 */
export function withTrustTable(page, table) {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error('The page has no place for the table.');
  return `${page.slice(0, from + BEGIN.length)}\n${table}\n${page.slice(to)}`;
}
