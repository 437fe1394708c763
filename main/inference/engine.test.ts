import { expect, it, onTestFinished, vi } from 'vitest';
import type { Round } from '../../contract/rounds';
import type { Method } from '../../contract/settings';
import { Engine } from './engine';
import type {
  Channel,
  CodecCommand,
  CodecReport,
  EnginePack,
  SpeakEvent,
  SpeakRequest,
} from './messages';
import { syntheticPack, syntheticRequest } from './testing/synthetic-pack';

const VOICE = 9;

const request = (method: Method, voice = VOICE): SpeakRequest => ({
  ...syntheticRequest,
  pieces: syntheticRequest.pieces.map((piece) => ({ ...piece, voice })),
  method,
});

async function open(pack: EnginePack): Promise<Engine> {
  const engine = await Engine.load(pack, 'cpu');
  onTestFinished(() => engine.close());
  return engine;
}

async function speak(engine: Engine, method: Method, voice = VOICE) {
  const events: SpeakEvent[] = [];
  const result = await engine.speak(request(method, voice), (event) => events.push(event));
  const sound = events.flatMap((event) => (event.type === 'audio' ? [...event.samples] : []));
  return { result, events, sound };
}

it.each(['plain', 'exact', 'pcg'] as const)(
  '%s: a piece that does not end is stopped where the cache is full, and a notice says so',
  async (method) => {
    const engine = await open(await syntheticPack());
    const { result, events, sound } = await speak(engine, method);
    // The last token drawn is not fed any more, so that it needs no position.
    expect(result.frames).toBe(64 - 5 + 1);
    expect(sound).toHaveLength(result.frames * 8);
    expect(events).toContainEqual({
      type: 'piece',
      piece: {
        text: 'Da da da.',
        startFrame: 0,
        frames: result.frames,
        end: 'maximumLength',
        // The last round finds room for fewer.
        lookaheads: expect.stringMatching(method === 'plain' ? /^$/ : /^3{14,}[0-3]$/),
      },
    });
    const notices = events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
    expect(notices).toEqual([
      expect.stringMatching(/“Da da da\.” did not end by itself .* after 1\.2 s: try another seed/),
    ]);
  },
);

it('streams what the codec makes of the whole, though it looks ahead less than it looks back', async () => {
  const engine = await open(await syntheticPack());
  const { events, sound } = await speak(engine, 'plain');
  const rounds = events.flatMap((event) => (event.type === 'rounds' ? event.rounds : []));
  const tokens = rounds.map((round) => round.drawn?.token ?? -1);
  const whole = await engine.vocode(tokens, VOICE);
  expect(events.filter((event) => event.type === 'audio').length).toBeGreaterThan(3);
  expect(sound).toHaveLength(whole.length);
  expect(Math.max(...sound.map((v, i) => Math.abs(v - whole[i])))).toBeLessThan(1e-6);
});

it('has a codec that knows its voices speak in the voice of each piece', async () => {
  const engine = await open(await syntheticPack());
  const one = await speak(engine, 'plain', 9);
  const other = await speak(engine, 'plain', 10);
  expect(other.result.counters).toEqual(one.result.counters);
  expect(other.sound).toHaveLength(one.sound.length);
  expect(other.sound).not.toEqual(one.sound);
});

it.each(['exact', 'pcg'] as const)(
  '%s: tells of each round how many of its drafts other thresholds can be expected to keep',
  async (method) => {
    const engine = await open(await syntheticPack());
    const { events } = await speak(engine, method);
    const rounds = events.flatMap((event) => (event.type === 'rounds' ? event.rounds : []));
    const judging = rounds.filter(({ judged }) => judged.length > 0);
    expect(judging.length).toBeGreaterThan(10);
    for (const { judged, expectedKept } of judging) {
      expect(expectedKept).toHaveLength(9);
      for (const kept of expectedKept!) {
        expect(kept).toBeGreaterThanOrEqual(0);
        expect(kept).toBeLessThanOrEqual(judged.length + 1e-3);
      }
    }
  },
);

it.each(['exact', 'pcg'] as const)(
  '%s: a take comes again by the lookaheads that it tells, whatever was asked for',
  async (method) => {
    const engine = await open(await syntheticPack());
    const piece = request(method).pieces[0];
    const twoPieces = { ...request(method), pieces: [piece, { ...piece, prompt: [9, 3] }] };
    const take = async (lookahead: SpeakRequest['lookahead'], lookaheads?: string[]) => {
      const rounds: Round[] = [];
      const told: string[] = [];
      await engine.speak({ ...twoPieces, lookahead, lookaheads }, (event) => {
        if (event.type === 'rounds') rounds.push(...event.rounds);
        if (event.type === 'piece') told.push(event.piece.lookaheads);
      });
      return { rounds, told };
    };
    const various = await take('adaptive', ['12345678'.repeat(8), '8'.repeat(64)]);
    expect(various.told.join('')).toHaveLength(various.rounds.length);
    expect(await take(1, various.told)).toEqual(various);
    expect(await take(1)).not.toEqual(various);
    const adaptive = await take('adaptive');
    expect(await take('adaptive')).toEqual(adaptive);
    expect(await take(1, adaptive.told)).toEqual(adaptive);
    // A draft as deep as the target never pays.
    expect(adaptive.told.join('')).toMatch(/^0+$/);
  },
);

it('measures plain decoding within a short cache', async () => {
  const engine = await open(await syntheticPack());
  expect(await engine.measurePlain(50)).toBeGreaterThan(1);
  expect(await engine.measurePlain(50, () => true)).toBeNull();
});

it('refuses a codec that makes sound of another length than the pack promises', async () => {
  const engine = await open({ ...(await syntheticPack()), sampleRate: 800 });
  await expect(engine.vocode([1, 2, 3], VOICE)).rejects.toThrow(
    /made 24 samples of 3 frames, and its manifest promises 16 a frame/,
  );
});

it('is silent between two pieces for as long as the text asks, else for the usual gap', async () => {
  const engine = await open(await syntheticPack());
  const events: SpeakEvent[] = [];
  const [piece] = request('pcg').pieces;
  const pieces = [piece, { ...piece, pauseFrames: 25 }, piece];
  await engine.speak({ ...request('pcg'), pieces }, (event) => events.push(event));
  const spoken = events.flatMap((event) => (event.type === 'piece' ? [event.piece] : []));
  const gaps = spoken.slice(1).map(({ startFrame }, i) => {
    return startFrame - spoken[i].startFrame - spoken[i].frames;
  });
  expect(gaps).toEqual([25, 10]);
  const sound = events.flatMap((event) => (event.type === 'audio' ? [...event.samples] : []));
  const end = (spoken[0].startFrame + spoken[0].frames) * 8;
  expect(new Set(sound.slice(end, end + 25 * 8))).toEqual(new Set([0]));
  expect(sound).toHaveLength((spoken[2].startFrame + spoken[2].frames) * 8);
});

it('counts as the codec’s what a take waits at its end for one in a process of its own', async () => {
  const pack = await syntheticPack();
  const HOUR = 3_600_000;
  // All that the take asks for: the codec answers none of them until decoding is over.
  const chunks = 4;
  let late = 0;
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + late);
  onTestFinished(() => clock.mockRestore());
  const codec = slowCodec(chunks, () => {
    late = HOUR;
  });
  const engine = await Engine.load(pack, 'cpu', async () => codec);
  onTestFinished(() => engine.close());
  const { result, sound } = await speak(engine, 'pcg');
  expect(sound).toHaveLength(result.frames * 8);
  expect(result.codecMs).toBeGreaterThanOrEqual(HOUR);
  expect(result.wallMs - result.codecMs).toBeLessThan(HOUR);
});

/** A codec process that answers once it was asked for so many chunks, and calls `before` it does. */
function slowCodec(chunks: number, before: () => void): Channel<CodecCommand, CodecReport> {
  let hear: (report: CodecReport) => void;
  let close: () => void;
  const asked: number[] = [];
  return {
    post: (command) => {
      if (command.type === 'shutdown') setImmediate(() => close());
      if (command.type !== 'decode') return;
      asked.push(command.tokens.length);
      if (asked.length < chunks) return;
      setImmediate(() => {
        before();
        for (const frames of asked) {
          hear({ type: 'decoded', samples: new Float32Array(frames * 8).fill(0.1) });
        }
      });
    },
    onMessage: (listener) => {
      hear = listener;
    },
    onClose: (listener) => {
      close = listener;
    },
    close: () => undefined,
  };
}
