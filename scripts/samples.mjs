import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readOutput } from './setup/child-process.mjs';
import { SetupError, say } from './setup/progress.mjs';
import { ROOT } from './setup.mjs';

const SENTENCE =
  'A timbrel is a small drum with bright metal discs, and it keeps the whole band in time.';
const SEED = 7;
const METHODS = ['exact', 'pcg'];

/**
 * What `speak --json` prints, as far as it is compared here.
 * @typedef {{ method: string, acceptanceRate: number | null, blockEfficiency: number | null,
 *   tokensPerSecond: number, realTimeFactor: number, seconds: number, wallMs: number,
 *   out: string }} SpeakReport
 */

/**
 * @param {SpeakReport} exact
 * @param {SpeakReport} pcg
 * @returns {string}
 */
export function comparisonTable(exact, pcg) {
  /** @param {number | null} value @param {number} digits */
  const show = (value, digits) => (value === null ? '-' : value.toFixed(digits));
  const rows = [
    ['', 'exact', 'PCG'],
    ['acceptance rate α', show(exact.acceptanceRate, 3), show(pcg.acceptanceRate, 3)],
    ['tokens per target call τ', show(exact.blockEfficiency, 2), show(pcg.blockEfficiency, 2)],
    ['tokens per second', show(exact.tokensPerSecond, 1), show(pcg.tokensPerSecond, 1)],
    ['real-time factor', show(exact.realTimeFactor, 3), show(pcg.realTimeFactor, 3)],
    ['seconds of speech', show(exact.seconds, 2), show(pcg.seconds, 2)],
    ['seconds to render', show(exact.wallMs / 1000, 2), show(pcg.wallMs / 1000, 2)],
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map(([label, ...cells]) =>
    [label.padEnd(widths[0]), ...cells.map((cell, i) => cell.padStart(widths[i + 1]))].join('   '),
  );
  const ratio = pcg.tokensPerSecond / exact.tokensPerSecond;
  return [
    ...lines,
    '',
    `PCG made ${ratio.toFixed(2)} times as many tokens a second as exact (one run of one sentence; npm run bench measures it properly).`,
    `exact  ${exact.out}`,
    `PCG    ${pcg.out}`,
  ].join('\n');
}

/**
 * Names that no file has yet, so that nothing is overwritten.
 * @param {string} folder
 * @param {(path: string) => boolean} taken
 * @returns {string[]} one path for each method
 */
export function freePaths(folder, taken) {
  for (let run = 1; ; run++) {
    const paths = METHODS.map((method) => join(folder, `${method}${run > 1 ? `-${run}` : ''}.wav`));
    if (!paths.some(taken)) return paths;
  }
}

/**
 * One sentence, exact and PCG with the same seed, as WAV files, and the comparison on stdout.
 * @param {string} where the folder in which `timbrel-samples` is made
 * @returns {Promise<number>} exit code
 */
export async function renderSamples(where) {
  const folder = join(where, 'timbrel-samples');
  await mkdir(folder, { recursive: true });
  const paths = freePaths(folder, existsSync);
  const speak = join(ROOT, 'out', 'main', 'speak.js');
  /** @type {SpeakReport[]} */
  const reports = [];
  for (const [i, method] of METHODS.entries()) {
    say(`> Rendering with ${method === 'pcg' ? 'PCG' : 'exact'} decoding`);
    const args = ['--text', SENTENCE, '--method', method, '--seed', `${SEED}`, '--out', paths[i]];
    const { code, stdout } = await readOutput(process.execPath, [speak, ...args, '--json'], {
      cwd: where,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (code !== 0) throw new SetupError('The sample could not be rendered: the reason is above.');
    reports.push(JSON.parse(stdout));
  }
  console.log(`\n“${SENTENCE}”\n\n${comparisonTable(reports[0], reports[1])}`);
  return 0;
}
