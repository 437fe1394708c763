import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, launch, type } from './launch';

let app: App;
beforeAll(async () => {
  app = await launch();
  await app.ready();
});
afterAll(() => app?.close());

/** How an attempt of the page ends: its value, or the name of what was thrown. */
const attempt = (code: string) =>
  app.page.evaluate(async (source) => {
    // The page may not evaluate strings; this runs from the debugger, which may.
    const run = new Function(`return (async () => { ${source} })()`) as () => Promise<unknown>;
    try {
      return String(await run());
    } catch (error) {
      return `refused: ${(error as Error).name}`;
    }
  }, code);

describe('the page', () => {
  it('has no Node and nothing of Electron', async () => {
    const found = await app.page.evaluate(() =>
      [
        'require',
        'process',
        'module',
        'Buffer',
        'global',
        '__dirname',
        'electron',
        'ipcRenderer',
      ].filter((name) => name in window),
    );
    expect(found).toEqual([]);
  });

  it('sees the calls of the contract and nothing else', async () => {
    const { calls } = await import('../../contract/calls');
    const names = await app.page.evaluate(() => Object.keys(window.timbrel).sort());
    expect(names).toEqual([...Object.keys(calls), 'on'].sort());
  });

  it('cannot fetch, load or navigate anywhere else', async () => {
    const refused = async (code: string) => expect(await attempt(code)).toMatch(/^refused/);
    await refused(`return (await fetch('https://127.0.0.1:1/')).status`);
    await refused(`return (await fetch('file:///etc/passwd')).text()`);
    await refused(`return new WebSocket('ws://127.0.0.1:1/') && (() => { throw new Error() })()`);
    expect(
      await attempt(`return (await fetch('timbrel://app/..%2f..%2fpackage.json')).status`),
    ).toBe('404');
    expect(await attempt(`return window.open('https://127.0.0.1:1/')`)).toBe('null');
    const url = app.page.url();
    await app.page.evaluate(() => {
      location.href = 'https://127.0.0.1:1/';
    });
    await app.page.evaluate(() => {
      location.href = 'file:///etc/passwd';
    });
    await app.page.waitForTimeout(300);
    expect(app.page.url()).toBe(url);
  });

  it('runs no script that was written into it', async () => {
    const ran = await app.page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'window.injected = true';
      document.body.append(script);
      const image = document.createElement('img');
      image.setAttribute('onerror', 'window.injected = true');
      image.src = 'data:image/png;base64,AAAA';
      document.body.append(image);
      await new Promise((resolve) => setTimeout(resolve, 300));
      return 'injected' in window;
    });
    expect(ran).toBe(false);
  });

  it('is denied microphone, camera, place, notifications and the like', async () => {
    expect(await attempt(`return navigator.mediaDevices.getUserMedia({ audio: true })`)).toMatch(
      /^refused/,
    );
    expect(await attempt(`return navigator.mediaDevices.getUserMedia({ video: true })`)).toMatch(
      /^refused/,
    );
    expect(await attempt(`return Notification.requestPermission()`)).toBe('denied');
    for (const name of ['geolocation', 'camera', 'notifications', 'clipboard-read', 'midi']) {
      expect(
        await attempt(`return (await navigator.permissions.query({ name: '${name}' })).state`),
      ).toBe('denied');
    }
  });

  it('is sandboxed and isolated', async () => {
    const preferences = await app.electron.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      const contents = window.webContents as unknown as {
        getLastWebPreferences(): Record<string, unknown>;
      };
      const { sandbox, contextIsolation, nodeIntegration, webSecurity } =
        contents.getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration, webSecurity };
    });
    expect(preferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
    });
  });

  it('asks nothing of any network while it works', async () => {
    await app.electron.evaluate(({ session }) => {
      const seen: string[] = [];
      Object.assign(globalThis, { seen });
      session.defaultSession.webRequest.onBeforeRequest((details, decide) => {
        seen.push(details.url);
        decide({});
      });
    });
    await app.page.reload();
    await app.ready();
    await type(app.page, 'Rice is good.');
    await app.page.keyboard.press('Control+Enter');
    await app.page
      .locator('[aria-label="Lane A"][data-phase="ready"]')
      .waitFor({ timeout: 60_000 });
    const seen = await app.electron.evaluate(
      () => (globalThis as unknown as { seen: string[] }).seen,
    );
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.filter((url) => !/^(timbrel:\/\/app\/|blob:timbrel:|data:)/.test(url))).toEqual([]);
  });

  it('is given the bridge and nothing else', async () => {
    const made = await app.page.evaluate(() => {
      const frame = document.createElement('iframe');
      document.body.append(frame);
      const usual = new Set(Object.getOwnPropertyNames(frame.contentWindow as object));
      frame.remove();
      return Object.getOwnPropertyNames(window).filter((name) => !usual.has(name));
    });
    // The debugger's own, zod's (of the page's own bundle), and numbers, which name frames.
    expect(made.filter((name) => !/^(__playwright|__pw|__zod_|\d+$)/.test(name))).toEqual([
      'timbrel',
    ]);
  });
});
