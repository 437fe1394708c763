import type { AcceptanceRule } from '../../main/decoding/acceptance';

/**
 * A rule that does all that `rule` does, but keeps and refuses as was recorded: '1' for each draft
 * that was kept, '0' for each that was not, in the order in which they were judged. Begins at
 * `start` and anew at the end. Preserves nothing: it is for costs, where weights are random and have
 * no acceptance of their own.
 */
export function replayedRule(rule: AcceptanceRule, verdicts: string, start = 0): AcceptanceRule {
  let next = start % verdicts.length;
  return {
    judge: (token, p, q, uniform) => {
      const accepted = verdicts[next] === '1';
      next = (next + 1) % verdicts.length;
      return { ...rule.judge(token, p, q, uniform), accepted };
    },
    recover: rule.recover,
  };
}

/**
 * Places in a recording from which the next `length` verdicts keep as many drafts as all of it does,
 * so that a short run has the recording's acceptance rate and not a run of luck.
 */
export function typicalStarts(verdicts: string, length: number): number[] {
  const bits = Array.from(verdicts + verdicts.slice(0, length), Number);
  const sum = (from: number, to: number) => bits.slice(from, to).reduce((a, b) => a + b, 0);
  const wanted = Math.round((length * sum(0, verdicts.length)) / verdicts.length);
  return Array.from(verdicts, (_, start) => start).filter(
    (start) => sum(start, start + length) === wanted,
  );
}
