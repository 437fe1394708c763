import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import type { Bridge, CallInput, CallName, CallOutput, Reply } from '../../contract/calls';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

declare global {
  interface Window {
    timbrel: Bridge;
  }
}

/** A busy machine takes its time to start the app, and to do what is waited for. */
const START_MS = 120_000;
const WAIT_MS = 60_000;

export type App = {
  electron: ElectronApplication;
  page: Page;
  /** Settings and takes of this launch. */
  userData: string;
  /** Calls main as the page does; throws the failure's sentence. */
  call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>>;
  ready(): Promise<void>;
  close(): Promise<void>;
};

export async function electronPath(): Promise<string> {
  const folder = join(ROOT, 'node_modules/electron');
  return join(folder, 'dist', await readFile(join(folder, 'path.txt'), 'utf8'));
}

/**
 * The inspector's hold on the promise that it waits for is weak: on a busy machine V8 may collect it
 * before the answer is read. What tests evaluate in main can be evaluated again.
 */
function evaluateAgainWhenCollected(electron: ElectronApplication): void {
  const evaluate = electron.evaluate.bind(electron) as (...asked: unknown[]) => Promise<unknown>;
  const patient = async (...asked: unknown[]) => {
    for (;;) {
      try {
        return await evaluate(...asked);
      } catch (error) {
        if (!/promise was garbage collected/i.test((error as Error).message)) throw error;
      }
    }
  };
  electron.evaluate = patient as ElectronApplication['evaluate'];
}

/** Calls main as a page does; throws the failure's sentence. */
export const callFrom =
  (page: Page) =>
  async <N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> => {
    const reply = (await page.evaluate(
      ([name, input]) => window.timbrel[name as 'getState'](input as undefined),
      [name, input] as const,
    )) as Reply<CallOutput<N>>;
    if (!reply.ok) throw new Error(reply.failure.message);
    return reply.value;
  };

export const newUserData = () => mkdtemp(join(tmpdir(), 'timbrel-user-'));

/**
 * Starts the built app in a window of its own. `userData` is new unless given, and kept if given;
 * `executable` is started in place of Electron's, with the same arguments.
 */
export async function launch(
  options: {
    userData?: string;
    switches?: string[];
    executable?: string;
    env?: Record<string, string>;
  } = {},
): Promise<App> {
  const userData = options.userData ?? (await newUserData());
  const asRoot = process.getuid?.() === 0;
  const electron = await _electron.launch({
    executablePath: options.executable ?? (await electronPath()),
    env: options.env,
    timeout: START_MS,
    args: [
      ROOT,
      `--user-data-dir=${userData}`,
      ...(asRoot ? ['--no-sandbox'] : []),
      ...(options.switches ?? []),
    ],
  });
  evaluateAgainWhenCollected(electron);
  const page = await electron.firstWindow({ timeout: START_MS });
  // What a test waits for comes; on a busy machine it comes late.
  page.setDefaultTimeout(WAIT_MS);
  const call = callFrom(page);
  return {
    electron,
    page,
    userData,
    call,
    ready: async () => {
      await page.getByRole('button', { name: /^Runs on/ }).waitFor({ timeout: START_MS });
    },
    close: async () => {
      await electron.close();
      if (!options.userData) await rm(userData, { recursive: true, force: true });
    },
  };
}

/** Types a script and waits until it can be spoken. */
export async function type(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Script text' }).fill(text);
}

/** A lane as assistive technology sees it. */
export const lane = (page: Page, name: 'A' | 'B') =>
  page.getByRole('region', { name: `Lane ${name}` });
