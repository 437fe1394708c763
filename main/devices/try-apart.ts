import type { Child } from '../child';
import {
  DEVICE_NAMES,
  type Device,
  type EnginePack,
  refusal,
  type TrialCommand,
  type TrialReport,
  type Verdict,
} from '../inference/messages';

export type StartTrial = () => Child<TrialCommand, TrialReport>;

/** Two graphs are opened up to five times, and a GPU compiles its shaders: more than this is a hang. */
const DEADLINE_MS = 45_000;

/**
 * Tries a device in a process that may crash or hang without harm: it is ended, whatever comes of
 * it, and the verdict says what came. A `thorough` trial finds the fastest use also of a device that the CPU beats.
 */
export function tryApart(
  start: StartTrial,
  pack: EnginePack,
  device: Device,
  thorough: boolean,
  deadlineMs = DEADLINE_MS,
): Promise<Verdict> {
  const name = DEVICE_NAMES[device];
  const child = start();
  return new Promise<Verdict>((resolve) => {
    const object = (objection: string) => resolve(refusal(objection));
    const deadline = setTimeout(() => {
      const seconds = (deadlineMs / 1000).toFixed(0);
      object(`${name} did not answer within ${seconds} s of being tried.`);
    }, deadlineMs);
    child.onMessage(({ verdict }) => {
      clearTimeout(deadline);
      resolve(verdict);
    });
    child.onClose(() => {
      clearTimeout(deadline);
      object(`${name} ended the process in which it was tried.`);
    });
    child.post({ pack, device, thorough });
  }).finally(() => child.kill());
}
