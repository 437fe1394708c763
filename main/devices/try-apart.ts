import { apart } from '../apart';
import type { Child } from '../child';
import {
  type Device,
  type EnginePack,
  refusal,
  type TrialCommand,
  type TrialReport,
  type Verdict,
} from '../inference/messages';
import { PROVIDERS } from '../inference/providers';

export type StartTrial = () => Child<TrialCommand, TrialReport>;

/** Two graphs are opened up to five times, and a GPU compiles its shaders: more than this is a hang. */
const DEADLINE_MS = 45_000;

/**
 * Tries a device in a process that can be lost; the verdict says what came of it. A `thorough` trial finds the
 * fastest use also of a device that the CPU beats.
 */
export async function tryApart(
  start: StartTrial,
  pack: EnginePack,
  device: Device,
  thorough: boolean,
  deadlineMs = DEADLINE_MS,
): Promise<Verdict> {
  const name = PROVIDERS[device].label;
  const answer = (report: TrialReport) => (report.type === 'verdict' ? report.verdict : undefined);
  const command = { type: 'device', pack, device, thorough } as const;
  const outcome = await apart(start(), command, answer, deadlineMs);
  if (outcome.end === 'answer') return outcome.value;
  return refusal(
    outcome.end === 'deadline'
      ? `${name} did not answer within ${(deadlineMs / 1000).toFixed(0)} s of being tried.`
      : `${name} ended the process in which it was tried.`,
  );
}
