import type { ListeningResult } from '../../contract/listening';
import { ditherTo16 } from '../audio/dither';
import { encodeWav } from '../audio/wav';
import { seededUniform } from '../decoding/random';
import type { Sound } from '../takes/store';
import { analyse } from './analysis';
import { itemSounds } from './item-sounds';
import { letterOf, stimulusName } from './listening-test';
import type { StoredTest } from './stored-test';
import { type Table, trialTable } from './trial-table';
import { showInterval, showP } from './words';

const KINDS: Record<ListeningResult['kind'], string> = {
  preference: 'Paired preference',
  cmos: 'Comparison mean opinion score (CMOS)',
  abx: 'ABX',
  mushra: 'MUSHRA-like rating',
};

/**
 * A finished test as one HTML page: results, every trial, and the sounds as they were played. It
 * asks for nothing from outside, and its own policy forbids it to.
 */
export async function reportPage(stored: StoredTest, version: string): Promise<string> {
  const { test, answers } = stored;
  const result = analyse(test, answers);
  const items: string[] = [];
  for (const [i, { text }] of test.items.entries()) {
    if (!test.trials.some(({ item }) => item === i)) continue;
    const sounds = await itemSounds(stored, i);
    const cells = sounds.map((sound) => `<td>${player(sound, test.seed)}</td>`);
    items.push(`<tr><td>${escapeHtml(text)}</td>${cells.join('')}</tr>`);
  }
  const names = Array.from(
    { length: test.conditions.length + (test.kind === 'mushra' ? 1 : 0) },
    (_, stimulus) => stimulusName(test, stimulus),
  );
  const title = `${KINDS[test.kind]}: ${result.conditions.join(' against ')}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; media-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p id="headline">${escapeHtml(result.headline)}</p>
${plot(result.plot)}
<ul id="notes">${result.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>
<p id="controls">${escapeHtml(result.controls)}</p>
<h2>Conditions</h2>
<ul id="conditions">${result.conditions.map((name, i) => `<li><b>${letterOf(i)}</b> ${escapeHtml(name)}</li>`).join('')}</ul>
${section('Answers', 'counts', countsOf(result))}
${section('Exact two-sided binomial test against one half', 'proportions', proportionsOf(result))}
${section('Means', 'means', meansOf(result))}
${section('By sentence', 'sentences', sentencesOf(result))}
<h2>Sounds, as loud as they were played</h2>
<table id="sounds"><thead>${row('th', ['Sentence', ...names])}</thead><tbody>${items.join('')}</tbody></table>
${section('Every trial', 'trials', trialTable(test, answers))}
<p>${test.trials.length} trials, their number, order and sides fixed before the first; seed ${test.seed}. Planned ${test.createdAt}, finished ${result.finishedAt}. Timbrel ${escapeHtml(version)}.</p>
</main>
<script type="application/json" id="data">${json({ test, answers, result })}</script>
</body>
</html>
`;
}

/** A mark with its interval on each line, and a broken line where no difference lies. */
function plot({ axis, from, to, even, rows }: ListeningResult['plot']): string {
  if (rows.length === 0) return '';
  const x = (value: number) => (20 + (560 * (value - from)) / (to - from)).toFixed(1);
  const lines = rows.map(({ label, value, low, high }, i) => {
    const y = 40 * i + 34;
    return `<text x="20" y="${y - 14}">${escapeHtml(label)}</text><line x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}" class="interval"/><circle cx="${x(value)}" cy="${y}" r="5"/>`;
  });
  const bottom = 40 * rows.length + 14;
  const middle =
    even === null
      ? ''
      : `<line x1="${x(even)}" x2="${x(even)}" y1="8" y2="${bottom}" class="even"/>`;
  const ends = `<text x="20" y="${bottom + 16}">${from}</text><text x="580" y="${bottom + 16}" text-anchor="end">${to}</text>`;
  return `<svg viewBox="0 0 600 ${bottom + 22}" role="img" aria-label="${escapeHtml(`${axis}, with 95 % intervals`)}">${middle}<line x1="20" x2="580" y1="${bottom}" y2="${bottom}" class="axis"/>${lines.join('')}${ends}<text x="300" y="${bottom + 16}" text-anchor="middle">${escapeHtml(axis)}</text></svg>`;
}

function countsOf({ counts }: ListeningResult): Table {
  return { columns: ['Answer', 'Trials'], rows: counts.map(({ name, count }) => [name, count]) };
}

function proportionsOf({ proportions }: ListeningResult): Table {
  return {
    columns: ['What', 'Counted', 'Of', 'p', '95 % interval (Clopper–Pearson)'],
    rows: proportions.map((found) => [
      found.of,
      found.successes,
      found.trials,
      showP(found.p),
      showInterval(found),
    ]),
  };
}

function meansOf({ means }: ListeningResult): Table {
  return {
    columns: ['What', 'Mean', 'Answers', '95 % interval (Student’s t)'],
    rows: means.map(({ of, mean, answers, low, high }) => [
      of,
      mean.toFixed(2),
      answers,
      low === null || high === null ? '' : `${low.toFixed(2)} to ${high.toFixed(2)}`,
    ]),
  };
}

function sentencesOf({ sentences }: ListeningResult): Table {
  return {
    columns: ['Sentence', ...sentences.columns],
    rows: sentences.rows.map(({ text, values }) => [
      text,
      ...values.map((value) => (value === null ? '' : Math.round(value * 100) / 100)),
    ]),
  };
}

function player({ samples, sampleRate }: Sound, seed: number): string {
  const { samples: integers } = ditherTo16(samples, seededUniform(seed));
  const wav = encodeWav({ format: 'int16', samples: integers }, sampleRate);
  return `<audio controls preload="none" src="data:audio/wav;base64,${Buffer.from(wav).toString('base64')}"></audio>`;
}

/** Nothing where there are no rows. */
function section(title: string, id: string, { columns, rows }: Table): string {
  if (rows.length === 0) return '';
  const body = rows.map((cells) => row('td', cells)).join('\n');
  return `<h2>${escapeHtml(title)}</h2>
<table id="${id}"><thead>${row('th', columns)}</thead><tbody>${body}</tbody></table>`;
}

function row(tag: 'th' | 'td', cells: readonly (string | number)[]): string {
  return `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(String(cell))}</${tag}>`).join('')}</tr>`;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (character) => ENTITIES[character]);

/** For a script element, which only `<` could end. */
const json = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c');

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
#headline { font-size: 1.2rem; font-weight: 600; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { padding: 0.3rem 0.7rem; border: 1px solid #8886; text-align: left; vertical-align: top; }
audio { width: 13rem; height: 2.2rem; }
svg { width: 100%; max-width: 40rem; font-size: 13px; fill: currentColor; }
svg line { stroke: currentColor; } .interval { stroke-width: 3; } .even { stroke-dasharray: 4 4; }
`;
