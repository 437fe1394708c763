const begin = (name: string) => `<!-- bench: ${name} -->`;
const END = '<!-- /bench -->';

/** A page with the block of that name renewed, or put behind the last one where it has none. */
export function withBlock(page: string, name: string, text: string): string {
  const block = `${begin(name)}\n${text.trim()}\n${END}`;
  const from = page.indexOf(begin(name));
  if (from < 0) return `${page.trimEnd()}\n\n${block}\n`;
  const to = page.indexOf(END, from);
  if (to < 0) throw new Error(`The block “${name}” does not end.`);
  return page.slice(0, from) + block + page.slice(to + END.length);
}
