import { create } from 'zustand';
import type { ExportReport } from '../../contract/export';
import { type Failure, toFailure } from '../../contract/failure';
import type { Take } from '../../contract/take';
import { call } from '../bridge';
import { useLanes } from '../deck/lanes';
import { notify } from '../notices/notices';
import { usePreferences } from '../preferences/preferences';

export type Exporting =
  | { step: 'closed' }
  | { step: 'choosing'; take: Take; problem: Failure | null }
  | { step: 'writing'; take: Take }
  | { step: 'done'; take: Take; report: ExportReport };

export const useExport = create<{ exporting: Exporting }>()(() => ({
  exporting: { step: 'closed' },
}));

const go = (exporting: Exporting) => useExport.setState({ exporting });

export function chooseExport(take: Take): void {
  go({ step: 'choosing', take, problem: null });
}

/** Opens the dialog for the take in the lane that is in focus. */
export function chooseExportOfLane(): void {
  const { focus, lanes } = useLanes.getState();
  const { take } = lanes[focus];
  if (take === null || take.frames === 0) {
    notify(`Lane ${focus} holds no take to export yet; generate one or send one there.`);
    return;
  }
  chooseExport(take);
}

export function closeExport(): void {
  go({ step: 'closed' });
}

/** Main asks where, writes, and reads the file back. */
export async function writeExport(take: Take): Promise<void> {
  go({ step: 'writing', take });
  try {
    const settings = usePreferences.getState().export;
    const report = await call('exportTake', { take: take.id, settings });
    go(report ? { step: 'done', take, report } : { step: 'choosing', take, problem: null });
  } catch (error) {
    go({ step: 'choosing', take, problem: toFailure(error) });
  }
}

export async function revealExport(path: string): Promise<void> {
  try {
    await call('revealExport', { path });
  } catch (error) {
    notify(error as Error);
  }
}
