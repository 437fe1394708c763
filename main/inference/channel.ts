import type { Channel } from './messages';

/** What of Electron's message ports is used here; this folder imports nothing of Electron itself. */
export type MessagePort = {
  on(event: 'message', listener: (message: { data: unknown; ports: MessagePort[] }) => void): void;
  on(event: 'close', listener: () => void): void;
  postMessage(message: unknown): void;
  /** The port to a parent has begun already. */
  start?(): void;
  close(): void;
};

/** The port to whoever started this utility process of Electron; undefined in a process of Node. */
export const parentPort = (process as unknown as { parentPort?: MessagePort }).parentPort;

export function portChannel<Sent, Received>(port: MessagePort): Channel<Sent, Received> {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', ({ data }) => listener(data as Received));
      port.start?.();
    },
    onClose: (listener) => port.on('close', listener),
    close: () => port.close(),
  };
}

/** The channel to the process of Node that forked this one. */
export function forkChannel<Sent, Received>(): Channel<Sent, Received> {
  return {
    post: (message) => process.send?.(message),
    onMessage: (listener) => process.on('message', (message) => listener(message as Received)),
    onClose: (listener) => process.once('disconnect', listener),
    close: () => process.disconnect(),
  };
}
