import { describe, expect, it } from 'vitest';
import { acceptanceRule } from './acceptance';
import { countRound, noCounts } from './counters';
import { SmallModelDrafter } from './drafter';
import { type Groups, groupsAt, singletonGroups } from './groups';
import { type DecodedRound, type DecodingRun, decode } from './loop';
import { buildNeighbours } from './neighbours';
import { Processor, type ProcessorSettings } from './processors';
import { seededUniform } from './random';
import { chiSquarePValue } from './testing/chi-square';
import { fixedLogits, hashedLogits, TableModel } from './testing/table-model';

const V = 17;
const END = 16;
const GREEDY: ProcessorSettings = { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1 };
const SAMPLED: ProcessorSettings = { ...GREEDY, temperature: 1 };

function someGroups(theta: number): Groups {
  const uniform = seededUniform(3);
  const values = Array.from({ length: 16 * 3 }, () => uniform() - 0.5);
  return groupsAt(buildNeighbours({ tokens: 16, width: 3, values }, -1), theta, V);
}

type Setting = {
  kind: 'plain' | 'exact' | 'pcg';
  lookahead?: number;
  settings?: ProcessorSettings;
  groups?: Groups;
  prompt?: number[];
  seed?: number;
  target?: TableModel;
  draft?: TableModel;
};

async function run({
  kind,
  lookahead = 3,
  settings = SAMPLED,
  groups = singletonGroups(V),
  prompt = [1, 2],
  seed = 1,
  target = new TableModel(V, hashedLogits(V, 11), 80),
  draft = new TableModel(V, hashedLogits(V, 12), 80),
}: Setting) {
  const processor = new Processor(settings, V);
  const decoding: DecodingRun = {
    target,
    processor,
    speculation:
      kind === 'plain'
        ? null
        : {
            drafter: new SmallModelDrafter(draft, processor, END, 8),
            rule: acceptanceRule(kind, groups, settings.temperature),
            lookahead,
          },
    prompt,
    endOfSpeech: END,
    uniform: seededUniform(seed),
  };
  const rounds: DecodedRound[] = [];
  const counters = noCounts();
  const tokens: number[] = [];
  const iteration = decode(decoding);
  for (;;) {
    const next = await iteration.next();
    if (next.done) return { rounds, counters, tokens, target, draft, end: next.value };
    rounds.push(next.value);
    countRound(counters, next.value);
    tokens.push(...committed(next.value));
  }
}

const committed = (round: DecodedRound) => [
  ...round.judged.filter((verdict) => verdict.accepted).map((verdict) => verdict.token),
  ...(round.drawn ? [round.drawn.token] : []),
];

const LOOKAHEADS = [1, 2, 3, 4, 5, 6, 7, 8];
const PROMPTS = [[4], [1, 2], [3, 1, 4, 1, 5]];

describe('greedy decoding', () => {
  it.each(PROMPTS)(
    'exact gives the plain tokens for every lookahead, prompt %j',
    async (...prompt) => {
      const plain = await run({ kind: 'plain', settings: GREEDY, prompt });
      expect(plain.tokens.length).toBeGreaterThan(5);
      for (const lookahead of LOOKAHEADS) {
        const exact = await run({ kind: 'exact', settings: GREEDY, prompt, lookahead });
        expect(exact.tokens).toEqual(plain.tokens);
        expect(exact.end).toBe(plain.end);
        // A draft that is the target itself is never refused.
        const own = await run({
          kind: 'exact',
          settings: GREEDY,
          prompt,
          lookahead,
          draft: new TableModel(V, hashedLogits(V, 11), 80),
        });
        expect(own.tokens).toEqual(plain.tokens);
        expect(own.counters.rejected).toBe(0);
      }
    },
  );

  it('coarse-grained keeps a draft whose group holds the argmax of the target', async () => {
    const groups = someGroups(0.2);
    const { rounds } = await run({ kind: 'pcg', settings: GREEDY, groups, lookahead: 4 });
    const judged = rounds.flatMap((round) => round.judged);
    expect(judged.some((verdict) => verdict.accepted && !verdict.byToken)).toBe(true);
    for (const round of rounds) {
      const refused = round.judged.find((verdict) => !verdict.accepted);
      if (!refused) continue;
      const members = Array.from({ length: groups.size(refused.token) }, (_, i) =>
        groups.member(refused.token, i),
      );
      expect(members).not.toContain(round.drawn?.token);
    }
  });
});

describe.each(['exact', 'pcg'] as const)('caches under the %s rule', (kind) => {
  it.each(LOOKAHEADS)(
    'hold what was committed and nothing else, lookahead %i',
    async (lookahead) => {
      for (const prompt of PROMPTS) {
        for (const seed of [1, 2, 3]) {
          const { target, draft, tokens, rounds, counters } = await run({
            kind,
            lookahead,
            prompt,
            seed,
            groups: someGroups(0.2),
          });
          const said = [...prompt, ...tokens];
          // The newest token is not fed; a draft's cache may lack one more.
          expect(target.held).toEqual(said.slice(0, target.held.length));
          expect(draft.held).toEqual(said.slice(0, draft.held.length));
          const [prefill, ...passes] = prompt.length > 1 ? target.calls : [[], ...target.calls];
          expect(prefill).toEqual(prompt.slice(0, -1));
          expect(passes.length).toBe(counters.targetCalls);
          let n = prompt.length;
          rounds.forEach((round, i) => {
            const drafts = [...round.judged.map((v) => v.token), ...round.ignored];
            const fed = drafts.filter((token) => token !== END);
            expect(passes[i]).toEqual([said[n - 1], ...fed]);
            n += committed(round).length;
          });
        }
      }
    },
  );

  it('every position is fed what stands there', async () => {
    const { target, draft, tokens } = await run({ kind, groups: someGroups(0.2), prompt: [7, 8] });
    const said = [7, 8, ...tokens];
    for (const model of [target, draft]) {
      const last = new Map(model.fed.map(({ token, position }) => [position, token]));
      for (let i = 0; i < model.length; i++) expect(last.get(i)).toBe(said[i]);
    }
  });

  it('counts add up, and match the rounds', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const {
        counters: c,
        tokens,
        draft,
        end,
      } = await run({
        kind,
        seed,
        groups: someGroups(0.2),
      });
      expect(c.drafted).toBe(c.accepted + c.rejected + c.ignored);
      expect(c.committed).toBe(c.accepted + c.recovered + c.bonus);
      expect(c.committed).toBe(tokens.length);
      expect(c.rejected).toBe(c.recovered);
      expect(c.draftCalls).toBe(draft.calls.length);
      expect(tokens.indexOf(END)).toBe(end === 'endOfSpeech' ? tokens.length - 1 : -1);
    }
  });
});

describe('end of speech', () => {
  const always = (token: number) => {
    const p = Array.from({ length: V }, (_, t) => Number(t === token));
    return fixedLogits(p);
  };
  const endsAfter = (positions: number) => (cache: readonly number[]) =>
    always(cache.length >= positions ? END : 3)();

  it('accepted: counts as committed, and nothing follows it', async () => {
    const { rounds, counters, tokens, target, end } = await run({
      kind: 'exact',
      lookahead: 4,
      prompt: [1, 2],
      target: new TableModel(V, endsAfter(5), 80),
      draft: new TableModel(V, endsAfter(5), 80),
    });
    expect(tokens).toEqual([3, 3, 3, END]);
    expect(end).toBe('endOfSpeech');
    expect(rounds).toHaveLength(1);
    expect(rounds[0].drawn).toBeNull();
    expect(rounds[0].ended).toBe(true);
    expect(counters).toMatchObject({ drafted: 4, accepted: 4, bonus: 0, committed: 4, rounds: 1 });
    expect(target.fed.some(({ token }) => token === END)).toBe(false);
  });

  it('drafted: drafting stops there', async () => {
    const { rounds } = await run({
      kind: 'exact',
      lookahead: 8,
      target: new TableModel(V, endsAfter(10), 80),
      draft: new TableModel(V, endsAfter(4), 80),
    });
    expect(rounds[0].judged.map((v) => v.token)).toEqual([3, 3, END]);
    expect(rounds[0].judged.map((v) => v.accepted)).toEqual([true, true, false]);
    expect(rounds[0].drawn).toEqual({ token: 3, kind: 'recovered' });
  });

  it('as a bonus: ends the run', async () => {
    const { tokens, rounds } = await run({
      kind: 'exact',
      lookahead: 3,
      target: new TableModel(V, endsAfter(5), 80),
      draft: new TableModel(V, always(3), 80),
    });
    expect(tokens).toEqual([3, 3, 3, END]);
    expect(rounds[0].drawn).toEqual({ token: END, kind: 'bonus' });
  });
});

describe('a full cache', () => {
  it.each(['plain', 'exact', 'pcg'] as const)(
    'ends %s decoding with one token per position',
    async (kind) => {
      const never = fixedLogits(Array.from({ length: V }, (_, t) => (t === END ? 0 : 1 / (V - 1))));
      for (const lookahead of [1, 3, 8]) {
        const { tokens, end, target } = await run({
          kind,
          lookahead,
          target: new TableModel(V, never, 20),
          draft: new TableModel(V, never, 20),
        });
        expect(end).toBe('maximumLength');
        // Twenty positions hold the prompt of two and 18 fed tokens; one more was drawn, not fed.
        expect(tokens).toHaveLength(19);
        expect(target.length).toBeLessThanOrEqual(20);
      }
    },
  );

  it('a shorter draft cache ends drafting, not decoding', async () => {
    const never = fixedLogits(Array.from({ length: V }, (_, t) => (t === END ? 0 : 1 / (V - 1))));
    const { tokens, counters } = await run({
      kind: 'exact',
      lookahead: 4,
      target: new TableModel(V, never, 40),
      draft: new TableModel(V, never, 12),
    });
    expect(tokens).toHaveLength(39);
    expect(counters.bonus).toBeGreaterThan(25);
  });
});

describe('sampled decoding', () => {
  it('the same seed gives the same tokens, another seed others', async () => {
    const first = await run({ kind: 'pcg', groups: someGroups(0.3), seed: 5 });
    const again = await run({ kind: 'pcg', groups: someGroups(0.3), seed: 5 });
    const other = await run({ kind: 'pcg', groups: someGroups(0.3), seed: 6 });
    expect(again.tokens).toEqual(first.tokens);
    expect(other.tokens).not.toEqual(first.tokens);
  });

  it('θ = 1 repeats exact decoding token for token', async () => {
    for (const lookahead of LOOKAHEADS) {
      const exact = await run({ kind: 'exact', lookahead, groups: someGroups(0.2), seed: 21 });
      const pcg = await run({ kind: 'pcg', lookahead, groups: someGroups(1), seed: 21 });
      expect(pcg.tokens).toEqual(exact.tokens);
    }
  });

  it('exact emits the target, through masks and a repetition penalty, at any lookahead', async () => {
    // Two-token speech: the joint distribution of the first two tokens is compared with the one
    // that plain sampling has, worked out from the processed distributions themselves.
    const settings = { temperature: 0.9, topK: 6, topP: 0.9, repetitionPenalty: 1.3 };
    const short = 3;
    const draws = 100_000;
    const logits = hashedLogits(V, 31);
    const expected = new Float64Array(V * V);
    const processor = new Processor(settings, V);
    const { Context } = await import('./context');
    const p = new Float32Array(V);
    const first = new Context([1]);
    processor.distribution(Float32Array.from(logits([1])), 0, first, p);
    const p1 = p.slice();
    for (let a = 0; a < V; a++) {
      if (p1[a] === 0) continue;
      const second = new Context([1]);
      second.push(a);
      processor.distribution(Float32Array.from(logits([1, a])), 0, second, p);
      if (a === END) expected[a * V + END] = p1[a];
      else for (let b = 0; b < V; b++) expected[a * V + b] = p1[a] * p[b];
    }
    for (const lookahead of [1, 2]) {
      const counts = new Float64Array(V * V);
      const target = new TableModel(V, logits, short);
      const draft = new TableModel(V, hashedLogits(V, 32), short);
      const shared = seededUniform(41 + lookahead);
      for (let i = 0; i < draws / 2; i++) {
        const drafter = new SmallModelDrafter(draft, processor, END, 8);
        const said: number[] = [];
        const decoding: DecodingRun = {
          target,
          processor,
          speculation: {
            drafter,
            rule: acceptanceRule('exact', singletonGroups(V), settings.temperature),
            lookahead,
          },
          prompt: [1],
          endOfSpeech: END,
          uniform: shared,
        };
        for await (const round of decode(decoding)) {
          said.push(...committed(round));
          if (said.length >= 2) break;
        }
        counts[said[0] * V + (said[0] === END ? END : said[1])]++;
      }
      expect(chiSquarePValue(counts, expected)).toBeGreaterThan(1e-3);
      for (let i = 0; i < counts.length; i++) if (expected[i] === 0) expect(counts[i]).toBe(0);
    }
  });
});
