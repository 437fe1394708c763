import { DEFAULT_PREFERENCES } from '../../contract/preferences';
import { useLanes } from '../deck/lanes';
import { useCuda } from '../engine/cuda';
import { useEngine } from '../engine/engine';
import { useExport } from '../export/export';
import { useTarget } from '../jobs/generate';
import { useJobs } from '../jobs/jobs';
import { useWorkspace } from '../layout/workspace';
import { useListening } from '../listening/listening';
import { useNotices } from '../notices/notices';
import { usePreferences } from '../preferences/preferences';
import { useSaving } from '../project/autosave';
import { useLineExport } from '../project/export-lines';
import { useMissing } from '../project/missing';
import { useProject } from '../project/project';
import { useLineQueue } from '../project/queue';
import { useInspection } from '../script/inspection';
import { useShortcuts } from '../shortcuts/registry';
import { start } from '../start';
import { useTakes } from '../takes/takes';
import { useUpdate } from '../update/update';
import { createFakeBridge, type FakeBridge } from './fake-bridge';

const STORES = [
  useCuda,
  useEngine,
  useExport,
  useInspection,
  useJobs,
  useLanes,
  useListening,
  useNotices,
  useLineExport,
  useLineQueue,
  useMissing,
  usePreferences,
  useProject,
  useSaving,
  useShortcuts,
  useTakes,
  useTarget,
  useUpdate,
  useWorkspace,
];

/** Starts the page's stores on a scripted bridge, all of them as at a fresh launch. */
export async function openPage(
  options: Parameters<typeof createFakeBridge>[0] = {},
): Promise<FakeBridge & { close: () => void }> {
  for (const store of STORES) {
    (store.setState as (state: unknown, replace: true) => void)(store.getInitialState(), true);
  }
  usePreferences.setState(DEFAULT_PREFERENCES);
  const fake = createFakeBridge(options);
  Object.assign(window, { timbrel: fake.bridge });
  const close = await start(window);
  return { ...fake, close };
}
