import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { frameTokens, type Round } from '../contract/rounds';
import type { SpeakSettings } from '../contract/settings';
import type { Take } from '../contract/take';
import { acceptanceRule } from '../main/decoding/acceptance';
import { noCounts } from '../main/decoding/counters';
import { SmallModelDrafter } from '../main/decoding/drafter';
import { groupsAt } from '../main/decoding/groups';
import { LONGEST_LOOKAHEAD } from '../main/decoding/lookahead';
import { decode } from '../main/decoding/loop';
import { Processor } from '../main/decoding/processors';
import { seededUniform } from '../main/decoding/random';
import { Engine } from '../main/inference/engine';
import { GraphModel } from '../main/inference/graph-model';
import { loadPack, type Pack } from '../main/packs/pack';
import { speakRequest } from '../main/speak-request';
import { launch, newUserData, ROOT } from './app/launch';

const SENTENCE = 'Rice is often served in round bowls.';
/** Spoken in two pieces. */
const TWO_PIECES = `${SENTENCE}\n\nThe juice of lemons makes fine punch.`;

let pack: Pack;
let folder: string;

beforeAll(async () => {
  pack = await loadPack(join(ROOT, 'models/default'));
  folder = await mkdtemp(join(tmpdir(), 'timbrel-repeat-'));
});
afterAll(() => rm(folder, { recursive: true }));

const settings = (change: Partial<SpeakSettings> = {}): SpeakSettings => ({
  voice: pack.summary.voices[0].name,
  method: 'pcg',
  ...pack.summary.defaults,
  lookahead: 'adaptive',
  topK: 0,
  repetitionPenalty: 1,
  seed: 11,
  ...change,
});

type Printed = { tokens: number[]; lookaheads: string };

/** What `speak --json` prints on the CPU, with a cache folder of its own: each is a first start. */
async function speakInProcess(args: string[]): Promise<Printed> {
  const cache = await mkdtemp(join(folder, 'cache-'));
  const child = spawn(
    process.execPath,
    [join(ROOT, 'out/main/speak.js'), '--device', 'cpu', '--json', ...args],
    { env: { ...process.env, XDG_CACHE_HOME: cache }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let printed = '';
  let said = '';
  child.stdout.on('data', (data) => (printed += data));
  child.stderr.on('data', (data) => (said += data));
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code, said).toBe(0);
  return JSON.parse(printed);
}

/** Keeps a core busy until the test is over. */
function hogCore(): ChildProcess {
  const hog = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  onTestFinished(() => void hog.kill('SIGKILL'));
  return hog;
}

/** A take of a window that was launched for it, and its tokens: of the script, or of a project's queue. */
async function speakInWindow(userData: string, text: string, asked: 'script' | 'line' = 'script') {
  const app = await launch({ userData, switches: ['--device=cpu'] });
  try {
    await app.ready();
    const read = async () => (await app.call('listTakes', undefined))[0];
    if (asked === 'line') {
      const line = { job: randomUUID(), text, settings: settings(), pronunciations: [] };
      await app.call('speakLine', line);
    } else {
      await app.call('generate', { text, settings: settings(), pair: null });
    }
    await expect.poll(async () => (await read())?.status).toBe('finished');
    const { take, rounds } = await app.call('readTake', { take: (await read()).id });
    return { take, tokens: rounds.flatMap(frameTokens) };
  } finally {
    await app.close();
  }
}

const userData = async () => {
  const made = await newUserData();
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
};

const lookaheadsOf = ({ pieces }: Take) => pieces.map(({ lookaheads }) => lookaheads).join();

describe('one seed gives one take', () => {
  it.each([
    ['PCG', SENTENCE, 'pcg'],
    ['PCG, two pieces', TWO_PIECES, 'pcg'],
    ['exact', SENTENCE, 'exact'],
  ])('in two processes, one beside a busy core: %s', async (_name, text, method) => {
    const args = ['--text', text, '--seed', '11', '--method', method];
    const first = await speakInProcess(args);
    hogCore();
    const again = await speakInProcess(args);
    expect(again.tokens).toEqual(first.tokens);
    expect(again.lookaheads).toBe(first.lookaheads);
    expect(new Set(first.lookaheads.replaceAll(',', '')).size).toBeGreaterThan(1);
  });

  it('in windows, launched again or anew, in the queue of lines, and in a process', async () => {
    const kept = await userData();
    const first = await speakInWindow(kept, TWO_PIECES);
    hogCore();
    const again = await speakInWindow(kept, TWO_PIECES);
    const anew = await speakInWindow(await userData(), TWO_PIECES, 'line');
    const alone = await speakInProcess(['--text', TWO_PIECES, '--seed', '11']);
    expect(first.take.pieces).toHaveLength(2);
    for (const { take, tokens } of [again, anew]) {
      expect(tokens).toEqual(first.tokens);
      expect(lookaheadsOf(take)).toBe(lookaheadsOf(first.take));
    }
    expect(alone.tokens).toEqual(first.tokens);
    expect(alone.lookaheads).toBe(lookaheadsOf(first.take));
  });

  it('whatever passes take, and whatever was spoken before', async () => {
    const request = speakRequest(pack, TWO_PIECES, settings());
    const speak = async (engine: Engine) => {
      const rounds: Round[] = [];
      await engine.speak(request, (event) => {
        if (event.type === 'rounds') rounds.push(...event.rounds);
      });
      return rounds.flatMap(frameTokens);
    };
    const open = async () => {
      const engine = await Engine.load(pack.engine, 'cpu');
      onTestFinished(() => engine.close());
      return engine;
    };
    const engine = await open();
    const expected = await speak(engine);
    await engine.speak(speakRequest(pack, SENTENCE, settings({ seed: 3 })), () => undefined);
    const { forward } = GraphModel.prototype;
    onTestFinished(() => {
      GraphModel.prototype.forward = forward;
    });
    GraphModel.prototype.forward = async function (...given) {
      // By no seed: what a machine does otherwise.
      const until = performance.now() + 6 * Math.random() ** 3;
      while (performance.now() < until);
      return forward.apply(this, given);
    };
    expect(await speak(engine)).toEqual(expected);
    expect(await speak(await open())).toEqual(expected);
  });

  it('with 1, 2 and 4 threads, plainly and with a fixed lookahead', async () => {
    const { engine, neighbours, summary } = pack;
    const { vocabularySize, endOfSpeech } = engine;
    const { temperature, topP, theta } = summary.defaults;
    const [{ prompt }] = speakRequest(pack, SENTENCE, settings()).pieces;
    const decodeWith = async (threads: number, lookahead: number) => {
      const on = { device: 'cpu', threads } as const;
      const target = await GraphModel.open(engine.target, vocabularySize, on);
      const draft = await GraphModel.open(engine.draft, vocabularySize, on);
      try {
        const processor = new Processor(
          { temperature, topP, topK: 0, repetitionPenalty: 1 },
          vocabularySize,
        );
        const drafter = new SmallModelDrafter(
          draft,
          processor,
          endOfSpeech,
          LONGEST_LOOKAHEAD,
          target,
        );
        const rule = acceptanceRule(
          'pcg',
          groupsAt(neighbours, theta, vocabularySize),
          temperature,
        );
        const rounds = [];
        for await (const round of decode({
          target,
          processor,
          speculation: lookahead === 0 ? null : { drafter, rule, lookahead },
          prompt,
          endOfSpeech,
          uniform: seededUniform(11),
        })) {
          rounds.push(round);
        }
        return rounds;
      } finally {
        await Promise.all([target.release(), draft.release()]);
      }
    };
    for (const lookahead of [0, 4]) {
      const one = await decodeWith(1, lookahead);
      expect(one.length).toBeGreaterThan(20);
      for (const threads of [2, 4]) expect(await decodeWith(threads, lookahead)).toEqual(one);
    }
  });
});

describe('a take that another machine made', () => {
  /** As one whose rounds were otherwise: its lookaheads and its tokens, by the engine itself. */
  async function madeElsewhere() {
    const engine = await Engine.load(pack.engine, 'cpu');
    onTestFinished(() => engine.close());
    const pieces: Take['pieces'] = [];
    const tokens: number[] = [];
    const request = speakRequest(pack, TWO_PIECES, settings());
    const lookaheads = request.pieces.map(() => '7531'.repeat(200));
    await engine.speak({ ...request, lookaheads }, (event) => {
      if (event.type === 'piece') pieces.push(event.piece);
      if (event.type === 'rounds') tokens.push(...event.rounds.flatMap(frameTokens));
    });
    return { pieces, tokens };
  }

  it('comes again in the window by Recall settings, and from its file by speak', async () => {
    const kept = await userData();
    const here = await speakInWindow(kept, TWO_PIECES);
    const { pieces, tokens } = await madeElsewhere();
    expect(tokens).not.toEqual(here.tokens);
    const takes = join(kept, 'takes');
    const [own] = await readdir(takes);
    const file = join(takes, own, 'take.json');
    const taken = { ...JSON.parse(await readFile(file, 'utf8')), device: 'cuda', pieces };
    await writeFile(file, JSON.stringify(taken));

    const alone = await speakInProcess(['--take', file]);
    expect(alone.tokens).toEqual(tokens);

    const app = await launch({ userData: kept, switches: ['--device=cpu'] });
    try {
      await app.ready();
      await app.page
        .getByRole('button', { name: /^Recall settings/ })
        .first()
        .click();
      await app.page.getByText(/are back in the script/).waitFor();
      await app.page.getByRole('button', { name: 'Generate', exact: true }).click();
      const list = () => app.call('listTakes', undefined);
      await expect.poll(async () => (await list()).length).toBe(2);
      await expect.poll(async () => (await list())[0].status).toBe('finished');
      const { rounds, take } = await app.call('readTake', { take: (await list())[0].id });
      expect(take.id).not.toBe(own);
      expect(rounds.flatMap(frameTokens)).toEqual(tokens);
    } finally {
      await app.close();
    }
  });

  it('is refused with a sentence where its voice pack is not this one, or its file is none', async () => {
    const { id, name, sampleRate, frameRate } = { ...pack.summary, name: 'Another' };
    const kept = await mkdtemp(join(folder, 'refused-'));
    const refusal = async (file: string, content: unknown): Promise<string> => {
      if (content) await writeFile(join(kept, file), JSON.stringify(content));
      const child = spawn(
        process.execPath,
        [join(ROOT, 'out/main/speak.js'), '--take', join(kept, file)],
        { env: { ...process.env, XDG_CACHE_HOME: kept }, stdio: ['ignore', 'ignore', 'pipe'] },
      );
      let said = '';
      child.stderr.on('data', (data) => (said += data));
      const code = await new Promise((resolve) => child.on('close', resolve));
      return `${code}: ${said.trim()}`;
    };
    const take = {
      schema: 1,
      id: '20260101-abcdef',
      name: 'One',
      createdAt: new Date(0).toISOString(),
      starred: false,
      status: 'finished',
      problem: null,
      pair: null,
      text: SENTENCE,
      settings: settings(),
      pack: { id, name, sampleRate, frameRate, sha256: 'f'.repeat(64) },
      device: 'cpu',
      meanGroupSize: 1,
      counters: noCounts(),
      frames: 0,
      pieces: [],
      notices: [],
      wallMs: 0,
      firstSoundMs: null,
    };
    expect(await refusal('other.json', take)).toMatch(
      /^2: This take was made with another voice pack, Another: /,
    );
    expect(await refusal('none.json', { schema: 1 })).toMatch(
      /^2: .* is not the take\.json of a take\.$/,
    );
    expect(await refusal('missing.json', null)).toMatch(/^2: .* cannot be read \(ENOENT\)\.$/);
  });
});
