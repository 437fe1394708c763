import type { DeviceReport } from '../../contract/engine';
import {
  type Device,
  type DeviceChoice,
  type EnginePack,
  type GpuUse,
  PLAIN_USE,
  type Verdict,
} from '../inference/messages';
import { type StartTrial, tryApart } from './try-apart';
import type { Verdicts } from './verdicts';

/** Providers worth a trial, by what onnxruntime is built with where. */
const CANDIDATES: Partial<Record<NodeJS.Platform, Device[]>> = {
  linux: ['cuda', 'webgpu'],
  darwin: ['webgpu', 'coreml'],
  win32: ['cuda', 'webgpu', 'dml'],
};

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
  if (choice === 'cpu') return ON_CPU;
  const { start, verdicts, deadlineMs } = options;
  const all = options.candidates ?? CANDIDATES[process.platform] ?? [];
  const candidates = choice === 'auto' ? all : [choice];
  // That the CPU is faster is enough to pass a device over, but not to use it as well as it can be.
  const thorough = choice !== 'auto';
  const known = await verdicts.load();
  const missing = candidates.filter((device) => (thorough ? !known[device]?.use : !known[device]));
  // One after another: two would share the machine, and each other's times.
  for (const device of missing) {
    known[device] = await tryApart(start, pack, device, thorough, deadlineMs);
  }
  if (missing.length > 0) await verdicts.save(known);
  if (choice === 'auto') return best(candidates, known);
  return { name: choice, use: known[choice]?.use ?? PLAIN_USE, passedOver: [] };
}

function best(candidates: Device[], verdicts: Partial<Record<Device, Verdict>>): ChosenDevice {
  let { name, use } = ON_CPU;
  let shortest = Number.POSITIVE_INFINITY;
  for (const device of candidates) {
    const verdict = verdicts[device];
    if (!verdict?.use || verdict.objection !== null || verdict.tokenMs === null) continue;
    if (verdict.tokenMs < shortest) {
      name = device;
      use = verdict.use;
      shortest = verdict.tokenMs;
    }
  }
  const passedOver = candidates.flatMap((device) => {
    const objection = verdicts[device]?.objection;
    return objection ? [objection] : [];
  });
  return { name, use, passedOver };
}
