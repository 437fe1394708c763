import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostileGraphs } from '../../main/inference/testing/hostile-graphs';
import { type App, launch, ROOT } from '../app/launch';
import { IN_FULL, record } from './figures';
import { watchMemory } from './process-memory';
import { type Role, type VictimPack, victimOf, victimPack, writePack } from './victim-pack';

/** What a hostile pack may take: ten seconds, and a gibibyte in all processes together. */
const MOST_MS = 10_000;
const MOST_BYTES = 2 ** 30;

const EXIT_OF_PACKS = 3;
const SENTENCE = 'Hello there.';
const SETTINGS = {
  method: 'pcg',
  theta: 0.5,
  lookahead: 3,
  temperature: 0.8,
  topP: 1,
  topK: 0,
  repetitionPenalty: 1,
  seed: 7,
} as const;

type Case = { role: Role; name: string; bytes: Uint8Array };

/** What `npm test` tries: one of each way in which a graph that passes the scan does harm, and two that do not. */
const FEW: [Role, string][] = [
  ['target', 'endless loop'],
  ['target', 'numbers by the length of the prompt, 16 GiB'],
  ['codecDecoder', 'numbers by the length of the prompt, in steps'],
  ['draft', 'forty large products when it runs'],
  ['target', 'an end at once'],
  ['codecDecoder', '10³⁰'],
  ['draft', 'NaN'],
  ['codecDecoder', 'division by nothing'],
  ['target', 'operator with escape sequences'],
];

let home: string;
let pack: VictimPack;
let cases: Case[];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'timbrel-hostile-'));
  pack = victimPack();
  const roles: Role[] = ['target', 'draft', 'codecDecoder'];
  const all = roles.flatMap((role) =>
    hostileGraphs(victimOf(pack, role)).map((graph) => ({ role, ...graph })),
  );
  cases = IN_FULL
    ? all
    : FEW.map(([role, name]) => {
        const found = all.find((one) => one.role === role && one.name === name);
        if (!found) throw new Error(`There is no hostile ${role} “${name}”.`);
        return found;
      });
});
afterAll(() => rm(home, { recursive: true, force: true }));

let written = 0;

/** The pack with one graph replaced, in a new folder. */
async function write({ role, bytes }: Case, folder = join(home, `pack-${written++}`)) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await writePack(pack, folder, { [pack.manifest.models[role].file]: bytes });
  return folder;
}

/** Everything that a command could find of the user's. */
const environment = () => ({ ...process.env, HOME: home, XDG_CACHE_HOME: join(home, 'cache') });

async function speak(folder: string) {
  const out = join(folder, 'out.wav');
  const args = ['--pack', folder, '--text', SENTENCE, '--out', out, '--device', 'cpu'];
  const started = performance.now();
  const child = spawn(process.execPath, [join(ROOT, 'out/main/speak.js'), ...args], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const memory = watchMemory(child.pid as number);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      said += data;
    });
  }
  const [code, signal] = await once(child, 'close');
  const ms = performance.now() - started;
  return { code: code ?? signal, said, ms, peaks: memory.stop(), wrote: existsSync(out) };
}

/** One line of at most 300 characters that ends as a sentence does, and nothing that a terminal obeys. */
function isSentence(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is looked for
  return text.length > 0 && text.length <= 300 && !/[\u0000-\u001f\u007f-\u009f]/.test(text);
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;

it('speaks the pack that hostile ones are made from', async () => {
  const folder = join(home, 'whole');
  await mkdir(folder);
  await writePack(pack, folder);
  expect(await speak(folder)).toMatchObject({ code: 0, wrote: true });
});

it('ends `speak` with one sentence for every hostile graph', {
  timeout: 3_600_000,
}, async (ctx) => {
  const failures: string[] = [];
  let longest = 0;
  let most = 0;
  for (const one of cases) {
    const { code, said, ms, peaks, wrote } = await speak(await write(one));
    longest = Math.max(longest, ms);
    most = Math.max(most, peaks.together);
    const isEnded = code === EXIT_OF_PACKS && !wrote && isSentence(said.trimEnd());
    const isBounded = peaks.together <= MOST_BYTES && (!IN_FULL || ms <= MOST_MS);
    if (isEnded && isBounded) continue;
    const facts = `${seconds(ms)}, ${mebibytes(peaks.together)}, exit ${code}`;
    failures.push(`${one.role}, ${one.name} (${facts}): ${said.slice(0, 600)}`);
  }
  record(ctx, {
    threat: 'hostile graphs in `speak`: exit 3, one sentence, 10 s, 1 GiB',
    tried: cases.length,
    survived: cases.length - failures.length,
    figure: `longest ${seconds(longest)}, most memory ${mebibytes(most)}`,
  });
  expect(failures).toEqual([]);
});

it('keeps the window usable for every hostile graph', { timeout: 3_600_000 }, async (ctx) => {
  const folder = join(home, 'in-window');
  const tried = IN_FULL ? cases : cases.slice(0, 3);
  const failures: string[] = [];
  let longest = 0;
  let most = 0;
  let away = 0;
  let app: App | null = null;
  try {
    for (const one of tried) {
      await write(one, folder);
      if (app) await app.call('restartEngine', undefined);
      else app = await launch({ switches: [`--pack=${folder}`, '--cpu'] });
      const memory = watchMemory(app.electron.process().pid as number);
      const started = performance.now();
      const { kind, message } = await outcome(app);
      const ms = performance.now() - started;
      const { single } = memory.stop();
      longest = Math.max(longest, ms);
      most = Math.max(most, single);
      // What passed its trial is loaded, and stays so.
      if (kind === 'spoken') {
        await app.close();
        app = null;
      }
      const isBounded = single <= MOST_BYTES && (!IN_FULL || ms <= MOST_MS);
      if (kind !== null && isSentence(message) && isBounded) continue;
      failures.push(
        `${one.role}, ${one.name} (${seconds(ms)}, ${mebibytes(single)}): ${message.slice(0, 600)}`,
      );
    }
  } finally {
    await app?.close();
  }

  /** How opening the pack ends, or else speaking with it; `kind` is null where nothing refused it. */
  async function outcome({ call }: App): Promise<{ kind: string | null; message: string }> {
    for (;;) {
      const asked = performance.now();
      const { engine } = await call('getState', undefined);
      away = Math.max(away, performance.now() - asked);
      if (engine.status === 'failed') return engine.failure;
      if (engine.status === 'ready') break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const settings = { ...SETTINGS, voice: pack.manifest.voices[0].name };
    const { take } = await call('generate', { text: SENTENCE, pair: null, settings });
    for (;;) {
      const found = (await call('listTakes', undefined)).find(({ id }) => id === take);
      if (found?.status === 'failed') return { kind: 'spoken', message: found.problem ?? '' };
      if (found?.status !== 'generating')
        return { kind: null, message: `It was ${found?.status}.` };
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  record(ctx, {
    threat: 'hostile graphs in the window: one sentence, 10 s, 1 GiB a process, main answers',
    tried: tried.length,
    survived: tried.length - failures.length,
    figure: `longest ${seconds(longest)}, most memory of a process ${mebibytes(most)}, longest answer of main ${Math.round(away)} ms`,
  });
  expect(failures).toEqual([]);
});
