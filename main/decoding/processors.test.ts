import { describe, expect, it } from 'vitest';
import { Context } from './context';
import { Processor, type ProcessorSettings } from './processors';

const OFF: ProcessorSettings = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1 };

function run(logits: number[], settings: Partial<ProcessorSettings>, said: number[] = []) {
  const processor = new Processor({ ...OFF, ...settings }, logits.length);
  const context = new Context([0, 1]);
  for (const token of said) context.push(token);
  const out = new Float32Array(logits.length);
  processor.distribution(Float32Array.from([...logits, ...logits]), 1, context, out);
  return [...out];
}

const softmax = (logits: number[]) => {
  const weights = logits.map(Math.exp);
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
};
const expectClose = (found: number[], wanted: number[]) =>
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i], 6);
  });

describe('processors', () => {
  const logits = [2, 1, 0.5, -1, 0];

  it('temperature divides the logits', () => {
    expectClose(run(logits, { temperature: 0.5 }), softmax(logits.map((l) => l / 0.5)));
  });

  it('temperature 0 puts all mass on the largest logit', () => {
    expect(run([1, 3, 3, 2], { temperature: 0 })).toEqual([0, 1, 0, 0]);
  });

  it('top-k keeps the k most probable, renormalised', () => {
    const [a, b] = softmax(logits);
    expectClose(run(logits, { topK: 2 }), [a / (a + b), b / (a + b), 0, 0, 0]);
  });

  it('top-p keeps the smallest set that reaches the mass', () => {
    const p = softmax(logits);
    const two = p[0] + p[1];
    expectClose(run(logits, { topP: two - 1e-4 }), [p[0] / two, p[1] / two, 0, 0, 0]);
    const three = two + p[2];
    expectClose(run(logits, { topP: two + 1e-4 }), [
      p[0] / three,
      p[1] / three,
      p[2] / three,
      0,
      0,
    ]);
  });

  it('top-p works on what top-k left', () => {
    const p = softmax(logits);
    // Of the two left, the first alone has over 70 % of their mass.
    expect(p[0] / (p[0] + p[1])).toBeGreaterThan(0.7);
    expect(run(logits, { topK: 2, topP: 0.7 })).toEqual([1, 0, 0, 0, 0]);
  });

  it('top-p counts the improbable ones of the top k too', () => {
    const p = [0.83, 0.08, ...Array.from({ length: 18 }, () => 0.005 - 1e-6)];
    const ten = 0.91 + 8 * (0.005 - 1e-6);
    // The first is nine tenths of the two probable ones, but not of all ten.
    expect(0.83).toBeGreaterThan(0.9 * 0.91);
    expect(0.83).toBeLessThan(0.9 * ten);
    const found = run(p.map(Math.log), { topK: 10, topP: 0.9 });
    expect(found.filter((mass) => mass > 0)).toHaveLength(2);
  });

  it('keeps at least one token', () => {
    expect(run(logits, { topP: 1e-9 })).toEqual([1, 0, 0, 0, 0]);
  });

  it('repetition penalty touches said tokens only, drafted ones included, not the prompt', () => {
    const penalised = [2, 1, 0.5 / 1.5, -1 * 1.5, 0];
    expectClose(run(logits, { repetitionPenalty: 1.5 }, [2, 3, 3]), softmax(penalised));
  });

  it('a token taken back is no longer penalised', () => {
    const context = new Context([9]);
    context.push(2);
    context.push(2);
    context.push(3);
    context.truncate(2);
    expect([...context.said()]).toEqual([2]);
    context.truncate(0);
    expect(context.length).toBe(1);
    expect([...context.said()]).toEqual([]);
  });
});
