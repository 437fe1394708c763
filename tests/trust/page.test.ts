import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calls } from '../../contract/calls';
import { type App, electronPath, launch, type } from '../app/launch';
import { record } from './figures';
import * as attacks from './page-attacks';
import { Watch } from './watched';

let app: App;
let hasEnded = false;
let watch: Watch;
let web: Server;
let datagrams: Socket;
let received = { connections: 0, datagrams: 0 };
let target: attacks.Target;
/** Of the page, so that one that came in its place is noticed. */
const MARK = 'the same page';

beforeAll(async () => {
  web = createServer((_request, response) => response.end('x')).listen(0, '127.0.0.1');
  web.on('connection', () => received.connections++);
  await once(web, 'listening');
  const { port } = web.address() as AddressInfo;
  datagrams = createSocket('udp4', () => received.datagrams++).bind(port, '127.0.0.1');
  await once(datagrams, 'listening');
  target = { port };
  watch = await Watch.open();
  const isWatched = process.platform === 'linux';
  app = await launch({
    userData: join(watch.folder, 'user'),
    env: watch.env,
    // Chromium's own microphone, camera and outputs, so that there is something to be denied.
    switches: ['--use-fake-device-for-media-stream'],
    executable: isWatched ? await watch.wrap(await electronPath()) : undefined,
  });
  await app.ready();
});
afterAll(async () => {
  if (!hasEnded) await app?.close();
  web?.close();
  datagrams?.close();
  await watch?.close();
});

/** Carries an attack out in the page, and says what it came to. */
async function outcomeOf(attack: attacks.Attack): Promise<string> {
  const { said, asksMain } = attack;
  if (said) {
    const heard = app.page.waitForEvent('console', {
      predicate: (message) => said.test(message.text()),
      timeout: 5000,
    });
    await inPage(attack);
    return heard.then(
      () => 'refused',
      () => 'silent',
    );
  }
  if (asksMain) {
    const asked = app.electron.evaluate(
      ({ BrowserWindow }) =>
        new Promise<string>((told) => {
          const { webContents } = BrowserWindow.getAllWindows()[0];
          webContents.once('will-frame-navigate', (event) =>
            told(event.defaultPrevented ? 'refused' : 'went'),
          );
          setTimeout(() => told('silent'), 5000);
        }),
    );
    // The evaluation above is under way before the page's.
    await app.electron.evaluate(() => undefined);
    await app.page.evaluate(attack.code);
    return asked;
  }
  return inPage(attack);
}

const inPage = ({ code }: attacks.Attack) =>
  app.page.evaluate(async (source) => {
    const violation = () =>
      new Promise<string>((seen) => {
        const listen = ({ effectiveDirective }: SecurityPolicyViolationEvent) =>
          seen(`violation ${effectiveDirective}`);
        document.addEventListener('securitypolicyviolation', listen, { once: true });
      });
    const settle = (subject: EventTarget) => {
      const ends = ['error', 'load', 'open', 'message'].map(
        (name) => new Promise<string>((ended) => subject.addEventListener(name, () => ended(name))),
      );
      if (subject instanceof Element) document.body.append(subject);
      return Promise.race([violation(), ...ends]);
    };
    const refusal = () =>
      new Promise<string>((seen) => {
        window.navigation.addEventListener(
          'navigate',
          (event) => seen(event.defaultPrevented ? 'refused' : 'went'),
          { once: true },
        );
      });
    const run = new Function(
      'violation',
      'settle',
      'refusal',
      // The debugger may evaluate strings; what runs a turn later is the page's own, and may not.
      `return (async () => { await new Promise((turn) => setTimeout(turn)); ${source} })()`,
    );
    const nothing = new Promise((late) => setTimeout(() => late('silent'), 5000));
    try {
      return String(await Promise.race([run(violation, settle, refusal), nothing]));
    } catch (error) {
      return `threw ${(error as Error)?.name}`;
    } finally {
      // What was added goes, so that no attack hears of the one before.
      for (const added of document.body.querySelectorAll(':scope > :not(#root)')) added.remove();
    }
  }, code);

/** Carries attacks out one after another; gives those that were not refused, with what they came to. */
async function carryOut(list: readonly attacks.Attack[]): Promise<string[]> {
  const through: string[] = [];
  for (const attack of list) {
    const outcome = await outcomeOf(attack);
    if (!attack.refused(outcome)) through.push(`${attack.name}: ${outcome}`);
  }
  return through;
}

const isStillThere = () =>
  app.page.evaluate(
    () => 'timbrel' in window && (window as unknown as { mark?: string }).mark === 'the same page',
  );

describe('the page', () => {
  it('sees the calls of the contract and nothing else', async () => {
    const names = await app.page.evaluate(() => Object.keys(window.timbrel).sort());
    expect(names).toEqual([...Object.keys(calls), 'on'].sort());
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
  it('asks for nothing but its own files while it works', async () => {
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

  it('is told the names of sound outputs', async () => {
    const names = await app.page.evaluate(async () =>
      (await navigator.mediaDevices.enumerateDevices())
        .filter(({ kind }) => kind === 'audiooutput')
        .map(({ label }) => label),
    );
    expect(names.length).toBeGreaterThan(0);
    expect(names).not.toContain('');
  });
});

describe('a page that is taken over', () => {
  beforeAll(() => app.page.evaluate((mark) => void Object.assign(window, { mark }), MARK));

  it('finds no names, no way out, no script, no permission and no file', async (ctx) => {
    received = { connections: 0, datagrams: 0 };
    const lists = [
      attacks.names,
      attacks.network(target),
      attacks.injection,
      attacks.permissions,
      attacks.scheme,
    ];
    const through: string[] = [];
    for (const list of lists) {
      through.push(...(await carryOut(list)));
      if (!(await isStillThere())) through.push('the page is another');
    }
    if (await app.page.evaluate(() => 'injected' in window)) through.push('script ran');
    const tried = lists.flat().length;
    record(ctx, {
      threat: 'page: names, network, injection, permissions, the scheme',
      tried,
      survived: tried - through.length,
      figure: `connections ${received.connections}, datagrams ${received.datagrams}`,
    });
    expect({ tried, through, received }).toEqual({
      tried: 176,
      through: [],
      received: { connections: 0, datagrams: 0 },
    });
  });

  it('goes nowhere and opens no window', async (ctx) => {
    const list = attacks.navigations(target);
    const url = app.page.url();
    const through: string[] = [];
    for (const attack of list) {
      through.push(...(await carryOut([attack])));
      if (app.page.url() !== url || !(await isStillThere())) {
        throw new Error(`${attack.name} took the page away.`);
      }
    }
    const windows = await app.electron.evaluate(
      ({ BrowserWindow }) => BrowserWindow.getAllWindows().length,
    );
    record(ctx, {
      threat: 'page: navigations and new windows',
      tried: list.length,
      survived: list.length - through.length,
      figure: `windows ${windows}`,
    });
    expect({ tried: list.length, through, windows }).toEqual({
      tried: 31,
      through: [],
      windows: 1,
    });
  });

  it('is stopped by main too, where the preload script is not there to refuse', async () => {
    const outcome = await app.electron.evaluate(async ({ BrowserWindow }, url) => {
      const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
      const { webContents } = window;
      await window.loadURL('timbrel://app/index.html');
      const asked = new Promise<boolean>((told) => {
        webContents.once('will-frame-navigate', (event) => told(event.defaultPrevented));
      });
      await webContents.executeJavaScript(`void (location.href = '${url}')`);
      const isPrevented = await asked;
      const isOpened = await webContents.executeJavaScript(`window.open('${url}') !== null`);
      const left = webContents.getURL();
      window.destroy();
      return { isPrevented, isOpened, left };
    }, `http://127.0.0.1:${target.port}/`);
    expect(outcome).toEqual({
      isPrevented: true,
      isOpened: false,
      left: 'timbrel://app/index.html',
    });
  });

  it('had no name looked up and sent nothing', async (ctx) => {
    ctx.skip(
      process.platform !== 'linux',
      'strace, which watches the system calls, is a tool of Linux',
    );
    const ended = once(app.electron.process(), 'exit');
    hasEnded = true;
    await app.close();
    await ended;
    expect(await watch.trace()).not.toContain(attacks.LOOKED_UP);
    const { outside } = await watch.asked();
    expect(outside.filter((call) => /\bsend/.test(call))).toEqual([]);
  });
});
