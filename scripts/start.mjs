// `npm start`: everything from a fresh clone to the open window.

import { build } from './build.mjs';
import { renderSamples } from './samples.mjs';
import { runToEnd } from './setup/child-process.mjs';
import { runCommand, say } from './setup/progress.mjs';
import { sandboxSwitches } from './setup/sandbox.mjs';
import { ROOT, setUpPackages, setUpWindow, userFolder } from './setup.mjs';

const { DISPLAY, WAYLAND_DISPLAY } = process.env;

async function openWindow() {
  const runtime = await setUpWindow();
  const switches = await sandboxSwitches(runtime.folder);
  await build();
  // Set in some editors' terminals, and then Electron would run as plain Node.
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
  return await runToEnd(runtime.executable, [...switches, '.', ...process.argv.slice(2)], {
    cwd: ROOT,
    env,
    stdio: 'inherit',
  });
}

async function speakWithoutWindow() {
  say('There is no display here, so no window: rendering a sample sentence twice instead.');
  await setUpPackages();
  await build();
  return await renderSamples(userFolder());
}

await runCommand(
  process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY ? speakWithoutWindow : openWindow,
);
