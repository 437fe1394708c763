import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallInput, CallName } from '../../contract/calls';
import { calls } from '../../contract/calls';
import { type App, launch, ROOT } from '../app/launch';
import { count, IN_FULL, record } from './figures';

const SEED = 16;
/** Payloads a channel: all of them together are no fewer than those of the trial. */
const PER_CHANNEL = count(10, 55);

const take = '20260102-150405-abcd';
const id = '00000000-0000-4000-8000-000000000000';
const settings = {
  voice: 'nobody',
  method: 'pcg',
  theta: 0.6,
  lookahead: 'adaptive',
  temperature: 0.8,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
  seed: 7,
} as const;
const sound = { format: 'int16', sampleRate: 'native', loudness: null, truePeak: -1 } as const;
const lines = { layout: 'files', template: '{number}', gapSeconds: 0.5, table: true } as const;
const line = { id, text: 'A', settings, takes: [], chosen: null, problem: null };

/** A payload that each channel takes, whose parts are replaced by hostile ones. */
const EXAMPLES: { [N in CallName]: CallInput<N> } = {
  getState: undefined,
  getFolders: undefined,
  restartEngine: undefined,
  openChromiumLicences: undefined,
  checkForUpdate: undefined,
  downloadUpdate: undefined,
  cancelUpdate: undefined,
  installUpdate: undefined,
  getCuda: undefined,
  fetchCuda: undefined,
  cancelCuda: undefined,
  removeCuda: undefined,
  setPreferences: { outputDevice: 'a', text: 'A', settingsByPack: { a: settings } },
  inspectText: { text: 'A', pronunciations: [{ word: 'a', as: 'b' }] },
  inspectPronunciations: [{ word: 'a', as: 'b' }],
  hearPronunciation: { entry: { word: 'a', as: 'b' }, settings },
  generate: { text: 'A', settings, pair: null },
  cancel: { job: 'a' },
  getVoiceSample: { voice: 'nobody' },
  listTakes: undefined,
  listUnreadableTakes: undefined,
  renameTake: { take, name: 'A' },
  starTake: { take, starred: true },
  removeTake: { take },
  restoreTake: { take },
  readTake: { take },
  getWordTimes: { take },
  dragTake: { take },
  exportTake: { take, settings: sound },
  revealExport: { path: '/etc/passwd' },
  newProject: undefined,
  openProject: { path: '/etc/passwd' },
  readProjectLines: { path: '/a', from: 0 },
  stageLines: { path: '/a', lines: [line] },
  saveProject: { path: '/a', order: [id], pronunciations: [] },
  closeProject: undefined,
  listRecentProjects: undefined,
  importLines: undefined,
  speakLine: { job: id, text: 'A', settings, pronunciations: [] },
  findMissingTakes: { takes: [take] },
  planLineExport: { settings: lines },
  exportLines: { settings: lines, sound },
  listListeningTests: undefined,
  createListeningTest: {
    kind: 'abx',
    trials: 5,
    source: { from: 'takes', rows: [[take, take]] },
  },
  prepareListeningTest: { test: take },
  cancelListeningPreparation: { test: take },
  removeListeningTest: { test: take },
  getListeningTrial: { test: take },
  answerListeningTrial: {
    test: take,
    trial: 0,
    answer: { kind: 'abx', choice: 'first' },
    plays: [1],
  },
  getListeningResult: { test: take },
  exportListeningTest: { test: take, format: 'csv' },
  getGroup: { token: 1, theta: 0.9 },
  hearSwap: { take, frame: 0, token: 0 },
};

type Path = (string | number)[];
/** What is put where: a hostile value by its number, or a JSON value by itself. */
type Attack = { path: Path; hostile: number } | { path: Path; json: unknown };

/** Every place in a value, the whole first. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  const inner = [...keys].flatMap((key) =>
    placesIn((value as Record<string | number, unknown>)[key], [...path, key]),
  );
  return [path, ...inner];
}

const HOSTILE_VALUES = 25;

/** The same ones for the same channel: hostile values and arbitrary JSON, in every place in turn. */
function attacksOn(name: CallName): Attack[] {
  const places = placesIn(EXAMPLES[name]);
  const at = fc.constantFrom(...places);
  const attack: fc.Arbitrary<Attack> = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ path: at, hostile: fc.nat({ max: HOSTILE_VALUES - 1 }) }),
    },
    { weight: 1, arbitrary: fc.record({ path: at, json: fc.jsonValue() }) },
  );
  const seed = SEED + Object.keys(EXAMPLES).indexOf(name);
  return fc.sample(attack, { seed, numRuns: PER_CHANNEL });
}

type Outcome = { accepted: number; refused: number; kept: number; wrong: string[] };

/** In the page: sends a channel its payloads one by one, and judges every answer. */
async function send({
  name,
  example,
  attacks,
}: {
  name: string;
  example: unknown;
  attacks: Attack[];
}): Promise<Outcome> {
  const cycle: Record<string, unknown> = { path: '/a', take: 'abcdefgh' };
  cycle.self = cycle;
  const deep = (levels: number) => {
    let value: unknown = 'end';
    for (let i = 0; i < levels; i++) value = { inner: value };
    return value;
  };
  const hostile: (() => unknown)[] = [
    () => undefined,
    () => null,
    () => Number.NaN,
    () => Number.POSITIVE_INFINITY,
    () => -0,
    () => 2 ** 53,
    () => 1n << 70n,
    () => '',
    () => 'x'.repeat(10 << 20),
    () => '\u001b[31m\n\u202e\0'.repeat(1000),
    () => '../'.repeat(100),
    () => '\ud800',
    () => '__proto__',
    () => JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":1}}}'),
    () => cycle,
    () => deep(500),
    () => deep(5000),
    () => new Array(100_000).fill('a'),
    () => [['__proto__', { polluted: true }]],
    () => new Date(Number.NaN),
    () => new Map([['polluted', true]]),
    () => new Float64Array(1000),
    () => /(a+)+$/,
    () => new Error('x'.repeat(10_000)),
    () => Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`__proto__${i}`, i])),
  ];
  const bridge = window.timbrel as unknown as Record<string, (input: unknown) => Promise<unknown>>;
  const outcome: Outcome = { accepted: 0, refused: 0, kept: 0, wrong: [] };
  for (const attack of attacks) {
    const value = 'hostile' in attack ? hostile[attack.hostile]() : attack.json;
    let payload: unknown = value;
    if (attack.path.length > 0) {
      payload = structuredClone(example);
      let inner = payload as Record<string | number, unknown>;
      for (const key of attack.path.slice(0, -1)) inner = inner[key] as typeof inner;
      inner[attack.path[attack.path.length - 1]] = value;
    }
    const what = `${name} ${attack.path.join('.')} ${JSON.stringify(attack).slice(0, 80)}`;
    let reply: unknown;
    try {
      reply = await Promise.race([
        bridge[name](payload),
        new Promise((resolve) => setTimeout(resolve, 30_000, 'nothing')),
      ]);
    } catch {
      // What cannot be cloned never reaches main.
      outcome.kept++;
      continue;
    }
    const { ok, failure } = (reply ?? {}) as { ok?: unknown; failure?: { message?: unknown } };
    if (ok === true) outcome.accepted++;
    else if (
      ok === false &&
      typeof failure?.message === 'string' &&
      /^[^\p{Cc}\p{Cs}\u202a-\u202e]{1,300}$/u.test(failure.message)
    ) {
      outcome.refused++;
    } else outcome.wrong.push(`${what} → ${JSON.stringify(reply)?.slice(0, 400)}`);
  }
  return outcome;
}

let app: App;
let folder: string;
let pack: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-ipc-'));
  pack = join(folder, 'pack');
  await cp(join(ROOT, 'models/default'), pack, { recursive: true });
  // What it may fetch or remove is not the user's, and nobody answers.
  const env = { XDG_CACHE_HOME: join(folder, 'cache'), PIP_INDEX_URL: 'http://127.0.0.1:9/' };
  app = await launch({
    switches: [`--pack=${pack}`],
    env: { ...(process.env as Record<string, string>), ...env },
  });
  await app.ready();
  await app.electron.evaluate(({ dialog }) => {
    const nowhere = async () => ({ canceled: true, filePaths: [], filePath: '' });
    Object.assign(dialog, { showOpenDialog: nowhere, showSaveDialog: nowhere });
    const scope = globalThis as unknown as { unhandled: string[] };
    scope.unhandled = [];
    process.on('unhandledRejection', (error) => scope.unhandled.push(String(error)));
    process.on('uncaughtExceptionMonitor', (error) => scope.unhandled.push(String(error)));
  });
});
afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('hostile payloads', () => {
  it('on every channel are refused in a sentence, and change nothing in main', async (ctx) => {
    const names = Object.keys(calls) as CallName[];
    const total: Outcome = { accepted: 0, refused: 0, kept: 0, wrong: [] };
    for (const name of names) {
      const asked = { name, example: EXAMPLES[name], attacks: attacksOn(name) };
      const outcome = await app.page.evaluate(send, asked);
      total.accepted += outcome.accepted;
      total.refused += outcome.refused;
      total.kept += outcome.kept;
      total.wrong.push(...outcome.wrong);
    }
    const after = await app.electron.evaluate(() => ({
      unhandled: (globalThis as unknown as { unhandled: string[] }).unhandled,
      polluted: Object.keys(Object.prototype).length + ('polluted' in {} ? 1 : 0),
    }));
    const state = await app.call('getState', undefined);
    const tried = names.length * PER_CHANNEL;
    record(ctx, {
      threat: `IPC fuzz, ${names.length} channels`,
      tried,
      survived: tried - total.wrong.length,
      figure: `${total.refused} refused in a sentence, ${total.accepted} answered, ${total.kept} never left the page; unhandled ${after.unhandled.length}, polluted ${after.polluted}`,
    });
    expect(total.wrong).toEqual([]);
    expect(total.accepted + total.refused + total.kept).toBe(tried);
    expect(after).toEqual({ unhandled: [], polluted: 0 });
    expect(state.version).toMatch(/^\d/);
    if (IN_FULL) expect(tried).toBeGreaterThanOrEqual(2242);
  }, 600_000);
});

describe('a voice pack that goes while the app runs', () => {
  it('has its samples missed in a sentence that names the file', async () => {
    // One of the calls above restarts the engine.
    await app.ready();
    const { engine } = await app.call('getState', undefined);
    if (engine.status !== 'ready') throw new Error(`the engine is ${engine.status}`);
    const [{ name: voice }] = engine.pack.voices;
    const { samples } = await app.call('getVoiceSample', { voice });
    expect(samples.length).toBeGreaterThan(0);
    await rm(pack, { recursive: true });
    await expect(app.call('getVoiceSample', { voice })).rejects.toThrow(
      /^[^\p{Cc}]*\/pack\/[^\p{Cc}]{1,250}$/u,
    );
  });
});
