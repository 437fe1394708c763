import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { app, BrowserWindow, dialog, ipcMain, MessageChannelMain, session } from 'electron';
import log from 'electron-log/main';
import { channelOf, type PageEventName, type PageEvents } from '../contract/calls';
import { toFailure } from '../contract/failure';
import { JOB_PORT_MESSAGE, type JobEvent } from '../contract/job';
import { callHandlers } from './calls';
import { Cuda } from './devices/cuda/cuda';
import { offerCuda } from './devices/cuda/folder';
import { DEVICE_CHOICES, type DeviceChoice } from './inference/messages';
import { handleCalls } from './ipc';
import type { JobPort } from './jobs';
import { Memory } from './memory';
import { setMenu } from './menu';
import { keepOffline, resolveOnly } from './offline';
import { registerPageScheme, servePage } from './page-scheme';
import { denyPermissions } from './permissions';
import { OpenProject } from './project/open-project';
import { Studio } from './studio';
import { removeTelemetryLeftovers } from './telemetry-leftovers';
import { readUpdateFeed, type UpdateFeed } from './update/feed';
import { Updates } from './update/updates';
import { confinePages, isOwnPage, openWindow } from './window';

const OUT = join(import.meta.dirname, '..');

let window: BrowserWindow | null = null;

function tell<E extends PageEventName>(event: E, value: PageEvents[E]): void {
  if (window && !window.isDestroyed()) window.webContents.send(channelOf(event), value);
}

/** A port of the job's own; its other end goes to the page. */
function openJobPort(job: string): JobPort {
  const { port1, port2 } = new MessageChannelMain();
  window?.webContents.postMessage(JOB_PORT_MESSAGE, job, [port2]);
  return {
    post: (event: JobEvent) => port1.postMessage(event),
    close: () => port1.close(),
  };
}

function packFolder(): string {
  const home = app.isPackaged ? process.resourcesPath : app.getAppPath();
  return app.commandLine.getSwitchValue('pack') || join(home, 'models/default');
}

function takesFolder(): string {
  return app.commandLine.getSwitchValue('takes') || join(app.getPath('userData'), 'takes');
}

/**
 * The package's update feed. A copy that something else installed has none: a Debian package, an
 * unpacked folder, or a portable program, which nothing may replace while it runs.
 */
function updateFeed(): UpdateFeed | null {
  if (!app.isPackaged) return readUpdateFeed(app.commandLine.getSwitchValue('update-feed'));
  const replaceable =
    process.platform === 'linux'
      ? process.env.APPIMAGE !== undefined
      : process.env.PORTABLE_EXECUTABLE_FILE === undefined;
  return replaceable ? readUpdateFeed(join(process.resourcesPath, 'app-update.yml')) : null;
}

/** An unknown name is `auto`: the window has nowhere to refuse it. */
function deviceChoice(): DeviceChoice {
  if (app.commandLine.hasSwitch('cpu')) return 'cpu';
  const given = app.commandLine.getSwitchValue('device');
  return DEVICE_CHOICES.find((choice) => choice === given) ?? 'auto';
}

async function begin(): Promise<void> {
  await app.whenReady();
  denyPermissions(session.defaultSession);
  keepOffline(session.defaultSession);
  servePage(join(OUT, 'renderer'));
  // Before anything is started that opens graphs.
  offerCuda();
  const studio = new Studio({
    packFolder: packFolder(),
    isPackInstalled: app.isPackaged && !app.commandLine.hasSwitch('pack'),
    takesFolder: takesFolder(),
    entries: join(OUT, 'main'),
    device: deviceChoice(),
    codec: app.commandLine.hasSwitch('codec-apart') ? 'apart' : 'auto',
    version: app.getVersion(),
    openPort: openJobPort,
    newId: randomUUID,
    onEngine: (state) => tell('engineChanged', state),
    onTakes: () => tell('takesChanged', undefined),
  });
  // Before the window is made: what it starts has a process of its own.
  const opened = studio.open();
  const memory = new Memory();
  const projects = new OpenProject();
  const updates = new Updates(feed, (share) => tell('updateProgress', share));
  handleCalls(
    ipcMain,
    callHandlers(
      studio,
      memory,
      projects,
      updates,
      new Cuda({ onState: (state) => tell('cudaChanged', state) }),
      () => window as BrowserWindow,
      () => tell('listeningChanged', undefined),
    ),
    (event) => isOwnPage(window, event.senderFrame),
  );
  const drawMenu = () =>
    setMenu(
      (command) => tell('command', command),
      memory.recentProjects,
      (path) => tell('projectChosen', path),
      updates.isPossible,
    );
  drawMenu();
  memory.onRecentProjects(drawMenu);
  const open = () => {
    window = openWindow(join(OUT, 'preload/index.cjs'), memory.window);
  };
  open();
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) open();
  });
  app.on('second-instance', () => {
    // It may be closed already while the last take is put away.
    if (!window || window.isDestroyed()) return;
    window.restore();
    window.focus();
  });
  endWith(studio, projects);
  await opened;
  // Not before: nothing waits for it.
  void removeTelemetryLeftovers();
}

/** Takes and saves under way are closed before the app goes, with the sound they have. */
function endWith(studio: Studio, projects: OpenProject): void {
  let closing = false;
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    if (closing) return;
    closing = true;
    event.preventDefault();
    // A turn later: Electron ignores a quit that comes while it still handles this event.
    const closed = Promise.allSettled([studio.close(), projects.close()]);
    void closed.then(() => setImmediate(() => app.quit()));
  });
}

const feed = updateFeed();
resolveOnly(feed ? [feed.host] : []);
registerPageScheme();
confinePages();
if (!app.requestSingleInstanceLock()) {
  // Two instances would write the same takes; this one leaves before it opens anything.
  app.exit(0);
} else {
  begin().catch(async (error) => {
    const { message } = toFailure(error);
    log.error(message);
    // Not `showErrorBox`, which on Linux would keep the process from hearing a signal.
    await dialog.showMessageBox({
      type: 'error',
      message: 'Timbrel cannot start',
      detail: message,
    });
    app.exit(1);
  });
}
