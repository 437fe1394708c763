import { create } from 'zustand';
import { MAX_TEXT_LENGTH } from '../../contract/settings';
import type { LaneName } from '../deck/lane-name';
import { useLanes } from '../deck/lanes';
import { type Engine, useEngine } from '../engine/engine';
import { notify } from '../notices/notices';
import { usePreferences } from '../preferences/preferences';
import { type Inspection, useInspection } from '../script/inspection';
import { changeSettings, currentSettings, rollSeed } from '../script/settings';
import { cancelJobs, cancellable, startJob, useJobs } from './jobs';

/** Where a single take goes: the lane being heard, or always the same one. */
export type Target = 'focus' | LaneName;

export const useTarget = create<{ target: Target }>()(() => ({ target: 'focus' }));

/** Why nothing can be generated now, in a sentence, or null. */
export function obstacle(text: string, inspection: Inspection, engine: Engine): string | null {
  if (text.trim() === '') return 'Type something to say.';
  if (text.length > MAX_TEXT_LENGTH) {
    const over = (text.length - MAX_TEXT_LENGTH).toLocaleString('en');
    return `The text is ${over} characters over the limit; shorten it or split it into takes.`;
  }
  if (inspection.state === 'known' && inspection.text === text && inspection.report.problem) {
    return inspection.report.problem;
  }
  if (engine.state.status === 'loading') return 'The engine is still loading.';
  if (engine.state.status === 'failed') return 'The engine is not running; restart it first.';
  return null;
}

export function currentObstacle(): string | null {
  return obstacle(
    usePreferences.getState().text,
    useInspection.getState().inspection,
    useEngine.getState(),
  );
}

export async function generate(): Promise<void> {
  const { target } = useTarget.getState();
  const lane = target === 'focus' ? useLanes.getState().focus : target;
  await attempt(async () => {
    const asked = take();
    if (asked) await startJob(lane, asked.text, asked.settings, null);
  });
}

/** Exact into A and PCG into B: the same text, seed and settings otherwise. */
export async function generatePair(): Promise<void> {
  await attempt(async () => {
    const asked = take();
    if (!asked) return;
    const pair = crypto.randomUUID();
    await startJob('A', asked.text, { ...asked.settings, method: 'exact' }, pair);
    await startJob('B', asked.text, { ...asked.settings, method: 'pcg' }, pair);
  });
}

export async function cancel(): Promise<void> {
  await cancelJobs(cancellable(useJobs.getState().jobs));
}

/** Text and settings of the take asked for, with a new seed unless the seed is pinned. */
function take() {
  const settings = currentSettings();
  if (settings === null || currentObstacle() !== null) return null;
  const { text, seedPinned } = usePreferences.getState();
  const asked = seedPinned ? settings : { ...settings, seed: rollSeed() };
  changeSettings(asked);
  return { text, settings: asked };
}

async function attempt(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    notify(error as Error);
  }
}
