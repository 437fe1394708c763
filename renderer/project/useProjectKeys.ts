import { useShortcut } from '../shortcuts/useShortcut';
import { chooseLineExport } from './export-lines';
import { closeProject, importLines, newProject, openProject } from './files';

/** Keys of the File menu, which work wherever the focus is. */
export function useProjectKeys(): void {
  useShortcut('$mod+KeyN', 'New project', () => void newProject());
  useShortcut('$mod+KeyO', 'Open project', () => void openProject());
  useShortcut('$mod+Shift+KeyW', 'Close project', () => void closeProject());
  useShortcut('$mod+KeyI', 'Import lines', () => void importLines());
  useShortcut('$mod+Shift+KeyE', 'Export lines', () => void chooseLineExport());
}
