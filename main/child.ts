import { fork } from 'node:child_process';
import type { Channel } from './inference/messages';

/** A process that was started here, and the channel to it. */
export type Child<Sent, Received> = Channel<Sent, Received> & {
  readonly pid: number | undefined;
  /** Ends it at once: one that hangs hears nothing gentler. */
  kill(): void;
};

/** Starts a built entry of main/inference in a process of its own. */
export type StartChild = <Sent, Received>(entry: string) => Child<Sent, Received>;

/** As a process of Node, for the commands. */
export const forkChild: StartChild = <Sent, Received>(entry: string) => {
  const child = fork(entry, [], {
    // Typed arrays go as they are.
    serialization: 'advanced',
    // Failures come as data; what drivers say aloud beside them helps nobody.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return {
    get pid() {
      return child.pid;
    },
    // One that has just died is told of by `onClose`.
    post: (message: Sent) => child.connected && child.send(message as object, () => undefined),
    onMessage: (listener: (message: Received) => void) =>
      void child.on('message', (message) => listener(message as Received)),
    onClose: (listener: () => void) => void child.once('exit', listener),
    close: () => child.connected && child.disconnect(),
    kill: () => void child.kill('SIGKILL'),
  } as Child<Sent, Received>;
};
