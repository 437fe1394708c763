import { divergence } from './agreement';
import { reasonOf, whyAbsent } from './device-reasons';
import { type Device, type EnginePack, type GpuUse, refusal, type Verdict } from './messages';
import { closeDecoders, type Decoders, openDecoders } from './models';
import { PROVIDERS } from './providers';
import { leastTokenMs, measureSteps, usualTokenMs } from './step-costs';

/** Beyond this, in nats, a device does not compute what the CPU does. */
const MOST_DIVERGENCE = 1e-2;

/** The fastest counts: a GPU, as often as not shared, may be half as fast a second later. */
const TURNS = 2;

type Open = (pack: EnginePack, device: Device) => Promise<Decoders>;

/**
 * Tries a device with a pack: it must be here, agree with the CPU on a short passage of blocks,
 * single steps and a rollback, and decode faster, if need be with drafts made on the CPU. A `thorough` trial finds the
 * fastest use also of a device that the CPU beats. A driver may abort or hang in this, so it is for a process that can
 * be lost.
 */
export async function tryDevice(
  pack: EnginePack,
  device: Device,
  thorough: boolean,
  open: Open = openDecoders,
): Promise<Verdict> {
  const absent = open === openDecoders ? whyAbsent(device) : null;
  if (absent !== null) return refusal(absent);
  const cpu = await open(pack, 'cpu');
  try {
    const trial = new Trial(pack, device, thorough, open, cpu);
    let verdict = refusal(`${PROVIDERS[device].label} was not tried.`);
    // What half precision cannot compute, or not closely enough, single precision may.
    for (const precision of PROVIDERS[device].precisions) {
      verdict = await trial.inPrecision(precision);
      if (verdict.tokenMs !== null) break;
    }
    return verdict;
  } finally {
    await closeDecoders(cpu);
  }
}

/** Graphs that agree with the CPU's, opened as `use` says. */
type Contestant = { use: GpuUse; decoders: Decoders };

class Trial {
  constructor(
    private readonly pack: EnginePack,
    private readonly device: Device,
    private readonly thorough: boolean,
    private readonly open: Open,
    private readonly cpu: Decoders,
  ) {}

  /** With matrices in the pack's blocks and in small ones, whichever is faster. */
  async inPrecision(precision: 'half' | 'single'): Promise<Verdict> {
    const use = { half: precision === 'half', draftsOnCpu: false };
    const contestants: Contestant[] = [];
    try {
      const usual = await this.admit({ ...use, smallBlocks: false });
      if (typeof usual === 'string') return refusal(usual);
      contestants.push(usual);
      const small = await this.admit({ ...use, smallBlocks: true });
      if (typeof small !== 'string') contestants.push(small);
      return await this.compare(contestants);
    } catch (error) {
      return refusal(reasonOf(this.device, error));
    } finally {
      for (const { decoders } of contestants) await closeDecoders(decoders);
    }
  }

  /** With captured passes, which are faster wherever they work, or else without; or why not, in a sentence. */
  private async admit(use: Omit<GpuUse, 'captured'>): Promise<Contestant | string> {
    const canCapture = PROVIDERS[this.device].capture !== null;
    const captured = canCapture ? await this.admitAs({ ...use, captured: true }) : '';
    return typeof captured === 'string' ? this.admitAs({ ...use, captured: false }) : captured;
  }

  /** Or why not, in a sentence. */
  private async admitAs(use: GpuUse): Promise<Contestant | string> {
    const { device, pack } = this;
    try {
      const decoders = await this.open({ ...pack, gpu: use }, device);
      const objection = await this.disagreement(decoders).catch((error) => reasonOf(device, error));
      if (objection === null) return { use, decoders };
      await closeDecoders(decoders);
      return objection;
    } catch (error) {
      return reasonOf(device, error);
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
        return `${PROVIDERS[device].label} does not compute what the CPU does (${apart}).`;
      }
    }
    return null;
  }

  private async compare(contestants: Contestant[]): Promise<Verdict> {
    const { cpu, device } = this;
    const cpuCosts = await measureSteps(cpu.target, cpu.draft);
    const onCpu = usualTokenMs(cpuCosts);
    const verdict = (tokenMs: number, about: string, use: GpuUse | null): Verdict => {
      const objection =
        tokenMs < onCpu
          ? null
          : `${PROVIDERS[device].label} works here, but a token of this voice pack takes ` +
            `${about}${tokenMs.toFixed(1)} ms on it and ${onCpu.toFixed(1)} ms on the CPU.`;
      return { objection, tokenMs, use };
    };
    if (!this.thorough) {
      let least = Number.POSITIVE_INFINITY;
      for (const { decoders } of contestants) {
        least = Math.min(least, await leastTokenMs(decoders.target));
      }
      // Most GPUs are far behind with a small model, and to time every length on them would take many seconds.
      if (least > onCpu) return verdict(least, 'at least ', null);
    }
    let best = { tokenMs: Number.POSITIVE_INFINITY, use: contestants[0].use };
    for (let turn = 0; turn < TURNS; turn++) {
      for (const { use, decoders } of contestants) {
        const costs = await measureSteps(decoders.target, decoders.draft);
        const whole = usualTokenMs(costs);
        const mixed = usualTokenMs({ ...costs, draft: cpuCosts.draft });
        const tokenMs = Math.min(whole, mixed);
        if (tokenMs >= best.tokenMs) continue;
        best = { tokenMs, use: { ...use, draftsOnCpu: mixed < whole } };
      }
    }
    return verdict(best.tokenMs, '', best.use);
  }
}
