import { type MessagePortMain, utilityProcess } from 'electron';
import log from 'electron-log/main';
import { toFailure } from '../contract/failure';
import type { Child } from './child';

/** A utility process of Electron: ports can go with a message, and its end has a code. */
export type UtilityChild<Sent, Received> = Omit<Child<Sent, Received>, 'post' | 'onClose'> & {
  post(message: Sent, ports?: MessagePortMain[]): void;
  onClose(listener: (code: number) => void): void;
};

/** Starts a built entry of main/inference as a utility process of Electron. */
export function utilityChild<Sent, Received>(
  entry: string,
  name: string,
): UtilityChild<Sent, Received> {
  const child = utilityProcess.fork(entry, [], { serviceName: `timbrel-${name}`, stdio: 'pipe' });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text) => log.info(`${name}: ${String(text).trimEnd()}`));
  }
  // V8's own end, such as for want of memory; `exit` follows. Without a listener it may throw.
  child.on('error', (type, location) => log.error(`${name}: ${type} at ${location}`));
  let gone = false;
  child.once('exit', () => {
    gone = true;
  });
  return {
    get pid() {
      return child.pid;
    },
    post: (message: Sent, ports: MessagePortMain[] = []) => child.postMessage(message, ports),
    onMessage: (listener) => void child.on('message', listener),
    onClose: (listener: (code: number) => void) => void child.once('exit', listener),
    close: () => void child.kill(),
    kill: () => {
      // By its own number, and no longer once that may be another's.
      if (gone || child.pid === undefined) return;
      gone = true;
      try {
        process.kill(child.pid, 'SIGKILL');
      } catch (error) {
        // It has just died, and Electron is about to tell.
        log.warn(`${name}: ${toFailure(error).message}`);
      }
    },
  };
}
