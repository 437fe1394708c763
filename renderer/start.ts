import type { Command } from '../contract/calls';
import { call, on } from './bridge';
import { useLanes } from './deck/lanes';
import { cudaChanged } from './engine/cuda';
import { engineChanged, useEngine } from './engine/engine';
import { chooseExportOfLane } from './export/export';
import { openDialog } from './help/dialogs';
import { cancel, generate, generatePair } from './jobs/generate';
import { receiveJobPorts } from './jobs/jobs';
import { listeningChanged, openListening } from './listening/listening';
import { notify } from './notices/notices';
import { saveNow, usePreferences } from './preferences/preferences';
import { autosave, saveProjectNow } from './project/autosave';
import { chooseLineExport } from './project/export-lines';
import { closeProject, importLines, newProject, openProject } from './project/files';
import { listenForShortcuts, useShortcuts } from './shortcuts/registry';
import { refreshTakes } from './takes/takes';
import { checkForUpdate, updateProgress } from './update/update';

const COMMANDS: Record<Command, () => void> = {
  generate: () => void generate(),
  generatePair: () => void generatePair(),
  cancel: () => void cancel(),
  playPause: () => void useLanes.getState().playPause(),
  switchLane: () => void useLanes.getState().switchLane(),
  export: chooseExportOfLane,
  focusScript: () =>
    document.querySelector<HTMLElement>('textarea[aria-label="Script text"]')?.focus(),
  blindTest: () => void openListening(),
  newProject: () => void newProject(),
  openProject: () => void openProject(),
  closeProject: () => void closeProject(),
  importLines: () => void importLines(),
  exportLines: () => void chooseLineExport(),
  help: () => openDialog('help'),
  checkForUpdate: () => void checkForUpdate(),
};

/** Connects the stores with main and the keyboard. Returns its own off switch. */
export async function start(page: Window): Promise<() => void> {
  const off = [
    receiveJobPorts(page),
    on('engineChanged', engineChanged),
    on('cudaChanged', cudaChanged),
    on('takesChanged', () => void refreshTakes()),
    on('listeningChanged', listeningChanged),
    on('updateProgress', updateProgress),
    on('command', (command) => {
      // A dialog that is open has the user's attention.
      if (useShortcuts.getState().layers.length === 0) COMMANDS[command]();
    }),
    on('projectChosen', (path) => void openProject(path)),
    listenForShortcuts(page),
    autosave(),
  ];
  const saveAll = () => {
    saveNow();
    saveProjectNow();
  };
  page.addEventListener('pagehide', saveAll);
  off.push(() => page.removeEventListener('pagehide', saveAll));
  try {
    const { version, engine, preferences, canUpdate } = await call('getState');
    usePreferences.setState(preferences);
    useEngine.setState({ version, canUpdate });
    engineChanged(engine);
    await refreshTakes();
  } catch (error) {
    notify(error as Error);
  }
  return () => {
    for (const stop of off) stop();
  };
}
