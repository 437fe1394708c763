import { spawn } from 'node:child_process';
import { SetupError } from './setup/progress.mjs';

/**
 * Starts an Xvfb of its own on a free display, so that tests need no screen and disturb none.
 * It ends with `close`, or with this process.
 * @returns {Promise<{ name: string, close: () => void } | null>} null where there is no X11
 */
export async function openVirtualDisplay() {
  if (process.platform !== 'linux') return null;
  // Xvfb looks for a free number itself and writes it to descriptor 3 when it is ready.
  const args = ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'];
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const close = () => {
    server.kill();
  };
  process.once('exit', close);
  for (const [signal, code] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])) {
    process.once(signal, () => process.exit(code));
  }
  const number = await new Promise((resolve, reject) => {
    const failed = () =>
      reject(new SetupError('Xvfb, the virtual display for tests, did not start.'));
    server.once('error', failed);
    server.once('exit', failed);
    let text = '';
    server.stdio[3]?.on('data', (data) => {
      text += data;
      if (text.endsWith('\n')) resolve(text.trim());
    });
  });
  return { name: `:${number}`, close };
}
