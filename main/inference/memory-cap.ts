import { Worker } from 'node:worker_threads';

/** Memory grows by some 5 GB/s at the most, so that a cap is passed by 50 MB. */
const LOOK_EVERY_MS = 10;

/**
 * Ends this process once it takes more memory than `bytes`. A thread of its own watches, for the one that runs a
 * graph cannot be interrupted and tells nobody. Whoever started the process sees it end.
 */
export function capMemory(bytes: number): void {
  // As text: a file of its own would have to be found inside the packaged archive.
  const watcher = new Worker(
    `const { workerData } = require('node:worker_threads');
    setInterval(() => {
      if (process.memoryUsage.rss() > workerData) process.kill(process.pid, 'SIGKILL');
    }, ${LOOK_EVERY_MS});`,
    { eval: true, workerData: bytes },
  );
  watcher.unref();
}
