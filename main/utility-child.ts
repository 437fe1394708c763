import { utilityProcess } from 'electron';
import log from 'electron-log/main';
import type { Child } from './child';

/** Starts a built entry of main/inference as a utility process of Electron. */
export function utilityChild<Sent, Received>(entry: string, name: string): Child<Sent, Received> {
  const child = utilityProcess.fork(entry, [], { serviceName: `timbrel-${name}`, stdio: 'pipe' });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text) => log.info(`${name}: ${String(text).trimEnd()}`));
  }
  child.on('error', (type, location) => log.error(`${name}: ${type} at ${location}`));
  let killed = false;
  child.once('exit', () => {
    killed = true;
  });
  return {
    get pid() {
      return child.pid;
    },
    post: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', listener),
    onClose: (listener) => void child.once('exit', () => listener()),
    close: () => void child.kill(),
    kill: () => {
      // By its own number, and no longer once that may be another's.
      if (!killed && child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
      killed = true;
    },
  };
}
