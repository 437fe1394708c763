import { create } from 'zustand';
import { type Failure, toFailure } from '../../contract/failure';
import type { LineExportReport } from '../../contract/project';
import { call } from '../bridge';
import { notify } from '../notices/notices';
import { usePreferences } from '../preferences/preferences';
import { saveProject } from './autosave';
import { useProject } from './project';

export type LineExporting =
  | { step: 'closed' }
  | { step: 'choosing'; problem: Failure | null }
  | { step: 'writing' }
  | { step: 'done'; report: LineExportReport };

export const useLineExport = create<{ exporting: LineExporting }>()(() => ({
  exporting: { step: 'closed' },
}));

const go = (exporting: LineExporting) => useLineExport.setState({ exporting });

export async function chooseLineExport(): Promise<void> {
  const { lines } = useProject.getState();
  if (!lines.some(({ chosen }) => chosen !== null)) {
    notify('No line of an open project has a take to export yet; generate some first.');
    return;
  }
  // Main exports, and plans names by, what was saved.
  await saveProject();
  go({ step: 'choosing', problem: null });
}

export function closeLineExport(): void {
  go({ step: 'closed' });
}

/** Main asks where, writes, and reads every file back. */
export async function writeLines(): Promise<void> {
  go({ step: 'writing' });
  try {
    await saveProject();
    const { lineExport: settings, export: sound } = usePreferences.getState();
    const report = await call('exportLines', { settings, sound });
    go(report ? { step: 'done', report } : { step: 'choosing', problem: null });
  } catch (error) {
    go({ step: 'choosing', problem: toFailure(error) });
  }
}
