import { basename } from 'node:path';
import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { Command } from '../contract/calls';

/**
 * The application menu. Keys of page commands are shown but not registered: the page hears them
 * itself, so that one place decides what a key does where the focus is.
 */
export function setMenu(
  command: (command: Command) => void,
  /** Paths of projects, the latest first. */
  recent: readonly string[],
  openRecent: (path: string) => void,
  canUpdate: boolean,
): void {
  const item = (label: string, accelerator: string, name: Command): MenuItemConstructorOptions => ({
    label,
    accelerator,
    registerAccelerator: false,
    click: () => command(name),
  });
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' as const }] : []),
    {
      label: 'File',
      submenu: [
        item('New project…', 'CmdOrCtrl+N', 'newProject'),
        item('Open project…', 'CmdOrCtrl+O', 'openProject'),
        {
          label: 'Open recent',
          enabled: recent.length > 0,
          submenu: recent.map((path) => ({
            label: basename(path),
            sublabel: path,
            click: () => openRecent(path),
          })),
        },
        { type: 'separator' },
        item('Import lines…', 'CmdOrCtrl+I', 'importLines'),
        item('Export lines…', 'CmdOrCtrl+Shift+E', 'exportLines'),
        { type: 'separator' },
        item('Close project', 'CmdOrCtrl+Shift+W', 'closeProject'),
        process.platform === 'darwin' ? { role: 'close' } : { role: 'quit' },
      ],
    },
    {
      label: 'Take',
      submenu: [
        item('Generate', 'CmdOrCtrl+Enter', 'generate'),
        item('Generate pair', 'CmdOrCtrl+Shift+Enter', 'generatePair'),
        item('Cancel', 'Esc', 'cancel'),
        { type: 'separator' },
        item('Export WAV…', 'CmdOrCtrl+E', 'export'),
      ],
    },
    { role: 'editMenu' },
    {
      label: 'Playback',
      submenu: [
        item('Play or pause', 'Space', 'playPause'),
        item('Switch lane', '`', 'switchLane'),
        { type: 'separator' },
        item('Blind test…', 'CmdOrCtrl+B', 'blindTest'),
      ],
    },
    {
      label: 'View',
      submenu: [
        item('Go to the script', 'CmdOrCtrl+L', 'focusScript'),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' as const }]),
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        item('Help and about', 'F1', 'help'),
        ...(canUpdate
          ? [{ label: 'Check for updates…', click: () => command('checkForUpdate') }]
          : []),
      ],
    },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
