import { join } from 'node:path';
import { app, BrowserWindow, type Rectangle, screen } from 'electron';
import log from 'electron-log/main';
import { PAGE_ORIGIN, PAGE_URL } from './page-scheme';

const SMALLEST = { width: 1024, height: 700 };
const USUAL = { width: 1440, height: 900 };

export type WindowMemory = {
  load(): Rectangle | null;
  save(bounds: Rectangle): void;
};

/** So much of a window must be on a display for a hand to reach it, in pixels. */
const REACHABLE = 100;

/** Remembered bounds, or nothing where the display that they were on is gone. */
export function boundsOn(
  workAreas: readonly Rectangle[],
  bounds: Rectangle | null,
): Rectangle | null {
  if (bounds === null) return null;
  const shared = (from: number, length: number, areaFrom: number, areaLength: number) =>
    Math.min(from + length, areaFrom + areaLength) - Math.max(from, areaFrom);
  const reachable = workAreas.some(
    (area) =>
      shared(bounds.x, bounds.width, area.x, area.width) >= REACHABLE &&
      shared(bounds.y, bounds.height, area.y, area.height) >= REACHABLE,
  );
  return reachable ? bounds : null;
}

/** A page that dies again so soon would die for ever. */
const SECOND_DEATH_MS = 10_000;
const reloads = new WeakMap<BrowserWindow, number>();

/** Takes go on being made and kept without the page; a new one finds them. */
function reloadOnce(window: BrowserWindow): void {
  const last = reloads.get(window) ?? Number.NEGATIVE_INFINITY;
  const now = performance.now();
  if (now - last < SECOND_DEATH_MS) return;
  reloads.set(window, now);
  // Electron still clears the old page away while it tells of its end.
  setTimeout(() => window.reload(), 200);
}

/** Opens the window: a sandboxed page that can neither navigate nor open another. */
export function openWindow(preload: string, memory: WindowMemory): BrowserWindow {
  const window = new BrowserWindow({
    ...USUAL,
    ...boundsOn(
      screen.getAllDisplays().map(({ workArea }) => workArea),
      memory.load(),
    ),
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    title: 'Timbrel',
    icon: join(app.getAppPath(), 'assets/icon-256.png'),
    backgroundColor: '#15171a',
    show: false,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  window.on('close', () => memory.save(window.getNormalBounds()));
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    log.warn(`The page is gone: ${reason}.`);
    if (reason !== 'clean-exit') reloadOnce(window);
  });
  void window.loadURL(PAGE_URL);
  return window;
}

/**
 * For every page there will ever be: no navigation, no new windows, no embedded pages, and no way out
 * past the page's policy by WebRTC. Of a navigation to `about:` main hears only when it is over, so the
 * preload script refuses those.
 */
export function confinePages(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame || event.url !== PAGE_URL) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

/** Whether a message came from the window's own page, not from a frame or another window. */
export function isOwnPage(window: BrowserWindow | null, frame: Electron.WebFrameMain | null) {
  return (
    window !== null &&
    !window.isDestroyed() &&
    frame === window.webContents.mainFrame &&
    frame.url.startsWith(`${PAGE_ORIGIN}/`)
  );
}
