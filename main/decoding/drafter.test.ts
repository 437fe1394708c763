import { expect, it } from 'vitest';
import { acceptanceRule } from './acceptance';
import { SmallModelDrafter } from './drafter';
import { singletonGroups } from './groups';
import { decode } from './loop';
import type { HiddenStates } from './model';
import { Processor } from './processors';
import { seededUniform } from './random';
import { hashedLogits, TableModel } from './testing/table-model';

const SIZE = 12;
const END = SIZE - 1;

type Maker = 'target' | 'draft';

/** Hidden states that tell who made them, and behind which token at which position. */
class TellingModel extends TableModel {
  /** Who made the features that each pass read, position by position. */
  readonly read: Maker[][] = [];

  constructor(
    private readonly maker: Maker,
    salt: number,
  ) {
    super(SIZE, hashedLogits(SIZE, salt));
  }

  hidden(position: number): Float32Array {
    expect(position).toBeLessThan(this.length);
    return Float32Array.of(this.maker === 'target' ? 0 : 1, position, this.held[position]);
  }

  override async forward(tokens: readonly number[], reads?: Partial<HiddenStates>) {
    const held = [...this.held, ...tokens];
    const makers = tokens.flatMap((_, i): Maker[] => {
      const before = this.length + i - 1;
      if (!reads?.hidden || before < 0) return [];
      const [maker, position, token] = reads.hidden(before);
      expect([position, token]).toEqual([before, held[before]]);
      return [maker === 0 ? 'target' : 'draft'];
    });
    this.read.push(makers);
    return super.forward(tokens);
  }
}

it.each([
  [1, [3, 7]],
  [3, [3, 7, 5]],
  [3, [3]],
  [8, [3, 7, 5, 2]],
])(
  'tells a draft of %i tokens behind %j the target’s hidden states first, then its own',
  async (lookahead, prompt) => {
    const target = new TellingModel('target', 1);
    const draft = new TellingModel('draft', 2);
    const processor = new Processor(
      { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1 },
      SIZE,
    );
    const drafter = new SmallModelDrafter(draft, processor, END, lookahead, target);
    const rule = acceptanceRule('exact', singletonGroups(SIZE), 1);
    const speculation = { drafter, rule, lookahead };
    const uniform = seededUniform(5);
    const run = { target, processor, speculation, prompt, endOfSpeech: END, uniform };
    let rounds = 0;
    let wholly = 0;
    for await (const { judged, draftCalls } of decode(run)) {
      const [first, ...later] = draft.read.splice(0);
      // The newest token, and behind a full acceptance the last draft as well; at first the prompt.
      const behindFull = wholly > 0 ? 2 : 1;
      expect(first).toEqual(Array(rounds === 0 ? prompt.length - 1 : behindFull).fill('target'));
      expect(later).toEqual(Array(draftCalls - 1).fill(['draft']));
      wholly = judged.every(({ accepted }) => accepted) && judged.length === lookahead ? 1 : 0;
      if (++rounds === 60) break;
    }
    expect(rounds).toBeGreaterThan(3);
  },
);
