import type { DeviceReport } from '../../contract/engine';
import {
  type Device,
  type DeviceChoice,
  type EnginePack,
  type GpuUse,
  PLAIN_USE,
  type Verdict,
} from '../inference/messages';
import { gpusOn, PROVIDERS } from '../inference/providers';
import { type StartTrial, tryApart } from './try-apart';
import type { Verdicts } from './verdicts';

export type TrialOptions = {
  start: StartTrial;
  verdicts: Verdicts;
  candidates?: Device[];
  deadlineMs?: number;
};

/** `use`: how, if it is a GPU. */
export type ChosenDevice = Pick<DeviceReport, 'passedOver'> & { name: Device; use: GpuUse };

const ON_CPU: ChosenDevice = { name: 'cpu', use: PLAIN_USE, passedOver: [] };

/**
 * Where to run a pack, and how: where the user wants, whatever its trial objects to, or on the candidate
 * whose token is the shortest of those that agree with the CPU and beat it, or else on the CPU.
 */
export async function chooseDevice(
  pack: EnginePack,
  choice: DeviceChoice,
  options: TrialOptions,
): Promise<ChosenDevice> {
  if (choice !== 'auto' && PROVIDERS[choice].isProcessor) return ON_CPU;
  const { start, verdicts, deadlineMs } = options;
  const all = options.candidates ?? gpusOn(process.platform);
  const tried = choice === 'auto' ? all : [choice];
  // That the CPU is faster is enough to pass a device over, but not to use it as well as it can be.
  const thorough = choice !== 'auto';
  const known = await verdicts.load();
  const missing = tried.filter((device) => (thorough ? !known[device]?.use : !known[device]));
  // One after another: two would share the machine, and each other's times.
  for (const device of missing) {
    known[device] = await tryApart(start, pack, device, thorough, deadlineMs);
  }
  if (missing.length > 0) await verdicts.save(known);
  if (choice === 'auto') return best(tried, known);
  return { name: choice, use: known[choice]?.use ?? PLAIN_USE, passedOver: [] };
}

function best(tried: Device[], verdicts: Partial<Record<Device, Verdict>>): ChosenDevice {
  let { name, use } = ON_CPU;
  let shortest = Number.POSITIVE_INFINITY;
  for (const device of tried) {
    const verdict = verdicts[device];
    if (!verdict?.use || verdict.objection !== null || verdict.tokenMs === null) continue;
    if (verdict.tokenMs < shortest) {
      name = device;
      use = verdict.use;
      shortest = verdict.tokenMs;
    }
  }
  const passedOver = tried.flatMap((device) => {
    const objection = verdicts[device]?.objection;
    return objection ? [objection] : [];
  });
  return { name, use, passedOver };
}
