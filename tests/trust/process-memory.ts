import { readdirSync, readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 25;
const KIB = 1024;

/** What a process and all that it started took at most, in bytes. */
export type MemoryPeaks = {
  /** All of them at one moment. */
  together: number;
  /** Any one of them. */
  single: number;
};

/** Processes by their numbers, with their parents' and what they take and took at most, in bytes. */
function look(): Map<number, { parent: number; bytes: number; peak: number }> {
  const found = new Map<number, { parent: number; bytes: number; peak: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      const field = (key: string) =>
        Number(status.match(new RegExp(`^${key}:\\s*(\\d+)`, 'm'))?.[1] ?? 0);
      found.set(Number(name), {
        parent: field('PPid'),
        bytes: field('VmRSS') * KIB,
        peak: field('VmHWM') * KIB,
      });
    } catch {
      // It has just ended.
    }
  }
  return found;
}

/**
 * Watches the memory of a process and of all that it starts, from now until `stop`. Linux alone tells; elsewhere
 * the peaks are 0.
 */
export function watchMemory(pid: number, isCounted = (_pid: number) => true) {
  const peaks: MemoryPeaks = { together: 0, single: 0 };
  const watch = () => {
    const all = look();
    let together = 0;
    for (const [one, { bytes, peak }] of all) {
      if (!descends(one, pid, all) || !isCounted(one)) continue;
      together += bytes;
      peaks.single = Math.max(peaks.single, peak);
    }
    peaks.together = Math.max(peaks.together, together);
  };
  const timer = process.platform === 'linux' ? setInterval(watch, LOOK_EVERY_MS) : undefined;
  return {
    stop: (): MemoryPeaks => {
      clearInterval(timer);
      return peaks;
    },
  };
}

function descends(pid: number, from: number, all: ReturnType<typeof look>): boolean {
  for (let one = pid; one > 1; one = all.get(one)?.parent ?? 0) if (one === from) return true;
  return false;
}
