import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError, say } from './progress.mjs';

/** Linux switches that keep ordinary users from making the namespaces that the sandbox is made of. */
const RESTRICTIONS = [
  { file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns', forbids: '1' },
  { file: '/proc/sys/kernel/unprivileged_userns_clone', forbids: '0' },
  { file: '/proc/sys/user/max_user_namespaces', forbids: '0' },
];

async function namespacesForbidden() {
  const values = await Promise.all(
    RESTRICTIONS.map(({ file }) => readFile(file, 'utf8').catch(() => '')),
  );
  return RESTRICTIONS.some(({ forbids }, i) => values[i].trim() === forbids);
}

/**
 * The switches with which Electron can start here. Only root loses the sandbox, because Electron
 * refuses to start otherwise; where the system forbids it to an ordinary user, the error says what
 * to run.
 * @param {string} folder of the runtime
 * @returns {Promise<string[]>}
 */
export async function sandboxSwitches(folder) {
  if (process.platform !== 'linux') return [];
  if (process.getuid?.() === 0) {
    say(
      'As root, Electron refuses its sandbox: starting with --no-sandbox. Any other user has it.',
    );
    return ['--no-sandbox'];
  }
  const assistant = join(folder, 'chrome-sandbox');
  const { uid, mode } = await stat(assistant);
  const setuid = uid === 0 && (mode & 0o4000) !== 0;
  if (!setuid && (await namespacesForbidden())) {
    throw new SetupError(
      `This system keeps Electron's sandbox from ordinary users; run this line, then the command again:\n  sudo chown root:root '${assistant}' && sudo chmod 4755 '${assistant}'`,
    );
  }
  return [];
}
