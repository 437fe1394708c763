import { describe, expect, it } from 'vitest';
import { closingLines, sum, tally } from './tally.mjs';

type Result = { state: string; note?: string };

function testFile(results: Record<string, Result>, errors = { file: 0, suite: 0 }) {
  const list = (count: number) => Array.from({ length: count }, () => new Error('broken'));
  return {
    relativeModuleId: 'a.test.ts',
    errors: () => list(errors.file),
    children: {
      allTests: () =>
        Object.entries(results).map(([fullName, result]) => ({
          fullName,
          options: { mode: fullName === 'later' ? 'todo' : 'run' },
          result: () => result,
        })),
      allSuites: () => [{ fullName: 'suite', errors: () => list(errors.suite) }],
    },
  };
}

describe('tally', () => {
  it('counts every state and keeps the reasons of skipped tests', () => {
    const file = testFile({
      good: { state: 'passed' },
      bad: { state: 'failed' },
      gpu: { state: 'skipped', note: 'no GPU on this machine' },
      later: { state: 'skipped' },
    });
    expect(tally([file, file], [])).toEqual({
      passed: 2,
      failures: ['a.test.ts > bad', 'a.test.ts > bad'],
      skipped: [0, 1].flatMap(() => [
        { name: 'a.test.ts > gpu', reason: 'no GPU on this machine' },
        { name: 'a.test.ts > later', reason: 'not written yet' },
      ]),
    });
  });

  it.each([
    ['a file that cannot be loaded', [testFile({}, { file: 1, suite: 0 })], []],
    ['a hook that fails', [testFile({ one: { state: 'skipped' } }, { file: 0, suite: 1 })], []],
    ['a test that never ran', [testFile({ one: { state: 'pending' } })], []],
    ['an error outside any test', [testFile({ one: { state: 'passed' } })], [new Error('late')]],
    ['a run without any test', [], []],
  ])('takes %s for a failure', (_, modules, errors) => {
    expect(tally(modules, errors).failures).toHaveLength(1);
  });
});

it('adds runs up', () => {
  const skipped = [{ name: 'b.test.py', reason: 'no Python' }];
  expect(
    sum(
      { passed: 2, failures: ['a.test.ts > bad'], skipped: [] },
      { passed: 0, failures: [], skipped },
    ),
  ).toEqual({ passed: 2, failures: ['a.test.ts > bad'], skipped });
});

describe('closingLines', () => {
  it('ends with the counts alone when nothing was skipped', () => {
    expect(closingLines({ passed: 12, failures: [], skipped: [] })).toEqual([
      '12 passed, 0 failed',
    ]);
  });

  it('lists what failed and what was skipped, and why, above the counts', () => {
    const reason = 'no GPU on this machine';
    const skipped = [
      { name: 'a.test.ts > gpu', reason },
      { name: 'a.test.ts > later', reason: 'not written yet' },
      { name: 'b.test.ts > gpu', reason },
    ];
    expect(closingLines({ passed: 3, failures: ['a.test.ts > bad'], skipped })).toEqual([
      'skipped (no GPU on this machine):',
      '  a.test.ts > gpu',
      '  b.test.ts > gpu',
      'skipped (not written yet):',
      '  a.test.ts > later',
      'failed: a.test.ts > bad',
      '3 passed, 1 failed, 3 skipped',
    ]);
  });
});
