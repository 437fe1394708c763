import type { StepCosts } from '../decoding/lookahead';
import { divergence } from './agreement';
import { reasonOf, whyAbsent } from './device-reasons';
import { Drafting } from './fused-draft/drafting';
import {
  DEVICE_NAMES,
  type Device,
  type EnginePack,
  type GpuUse,
  refusal,
  type Verdict,
} from './messages';
import { closeDecoders, type Decoders, openDecoders } from './models';
import { leastTokenMs, measureSteps, stepCosts, usualTokenMs } from './step-costs';

/** Beyond this, in nats, a device does not compute what the CPU does. */
const MOST_DIVERGENCE = 1e-2;

type Open = (pack: EnginePack, device: Device) => Promise<Decoders>;

/**
 * Tries a device with a pack: it must be here, agree with the CPU on a short passage of blocks,
 * single steps and a rollback, and decode faster, if need be with drafts made on the CPU. A driver
 * may abort or hang in this, so it is for a process that can be lost.
 */
export async function tryDevice(
  pack: EnginePack,
  device: Device,
  open: Open = openDecoders,
): Promise<Verdict> {
  const absent = open === openDecoders ? whyAbsent(device) : null;
  if (absent !== null) return refusal(absent);
  const cpu = await open(pack, 'cpu');
  try {
    const trial = new Trial(pack, device, open, cpu);
    const inHalf = await trial.inPrecision('half');
    // What half precision cannot compute, or not closely enough, single precision may.
    return inHalf.tokenMs === null ? await trial.inPrecision('single') : inHalf;
  } finally {
    await closeDecoders(cpu);
  }
}

class Trial {
  /** Timed once, and only where there is a device to compare with it. */
  private cpuCosts: StepCosts | null = null;

  constructor(
    private readonly pack: EnginePack,
    private readonly device: Device,
    private readonly open: Open,
    private readonly cpu: Decoders,
  ) {}

  /** With matrices in the pack's blocks and in small ones, whichever is faster. */
  async inPrecision(precision: 'half' | 'single'): Promise<Verdict> {
    const use = { half: precision === 'half', draftsOnCpu: false };
    const usual = await this.using({ ...use, smallBlocks: false });
    if (usual.tokenMs === null) return usual;
    const small = await this.using({ ...use, smallBlocks: true });
    return small.tokenMs !== null && small.tokenMs < usual.tokenMs ? small : usual;
  }

  private async using(use: GpuUse): Promise<Verdict> {
    const { pack, device } = this;
    try {
      const tried = await this.open({ ...pack, gpu: use }, device);
      try {
        const objection = await this.disagreement(tried);
        return objection === null ? await this.compare(tried, use) : refusal(objection);
      } finally {
        await closeDecoders(tried);
      }
    } catch (error) {
      return refusal(reasonOf(device, error));
    }
  }

  /** In a sentence, or null. */
  private async disagreement(tried: Decoders): Promise<string | null> {
    const { cpu, device } = this;
    const token = (position: number, pass: number) =>
      (position * 997 + pass * 31) % this.pack.codebookSize;
    for (const graph of ['target', 'draft'] as const) {
      const kl = await divergence(cpu[graph], tried[graph], token);
      if (!(kl <= MOST_DIVERGENCE)) {
        const apart = `${kl.toExponential(1)} nats apart`;
        return `${DEVICE_NAMES[device]} does not compute what the CPU does (${apart}).`;
      }
    }
    return null;
  }

  private async compare(tried: Decoders, use: GpuUse): Promise<Verdict> {
    const { cpu, device, pack } = this;
    this.cpuCosts ??= await roundCosts(cpu, pack);
    const onCpu = usualTokenMs(this.cpuCosts);
    const verdict = (tokenMs: number, about: string, draftsOnCpu: boolean): Verdict => {
      const objection =
        tokenMs < onCpu
          ? null
          : `${DEVICE_NAMES[device]} works here, but a token of this voice pack takes ` +
            `${about}${tokenMs.toFixed(1)} ms on it and ${onCpu.toFixed(1)} ms on the CPU.`;
      return { objection, tokenMs, use: { ...use, draftsOnCpu } };
    };
    // Most GPUs are far behind with a small model, and to time every length on them would take many seconds.
    const least = await leastTokenMs(tried.target);
    if (least > onCpu) return verdict(least, 'at least ', false);
    const costs = await roundCosts(tried, pack);
    const whole = usualTokenMs(costs);
    const mixed = usualTokenMs({ ...costs, draft: this.cpuCosts.draft });
    return verdict(Math.min(whole, mixed), '', mixed < whole);
  }
}

/** Of rounds under the pack's defaults, drafted in the way that is faster there. */
async function roundCosts(
  { target, draft }: Decoders,
  { defaults, endOfSpeech }: EnginePack,
): Promise<StepCosts> {
  const { lookahead, temperature, topP } = defaults;
  const drafting = new Drafting(draft, endOfSpeech, target);
  try {
    await drafting.prepare(lookahead, { temperature, topP, topK: 0, repetitionPenalty: 1 });
    return stepCosts(await measureSteps(target, draft), drafting.choices);
  } finally {
    await drafting.release();
  }
}
