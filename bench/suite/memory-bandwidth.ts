import { Worker } from 'node:worker_threads';

/** Bytes a second that threads read one after another from memory of their own. */
export type Bandwidth = { threads: number; bytes: number; bytesPerSecond: number };

const ATTEMPTS = 5;
const ATTEMPT_MS = 60;

/**
 * A search for a byte that is not there reads every byte once and as fast as the machine can, for
 * the C library's search uses its widest registers.
 */
const READER = `
const { parentPort, workerData } = require('node:worker_threads');
const memory = Buffer.alloc(workerData.bytes, 1);
parentPort.on('message', () => {
  const start = performance.now();
  let read = 0;
  while (performance.now() - start < workerData.ms) {
    if (memory.indexOf(0) !== -1) throw new Error('The memory has changed.');
    read += memory.length;
  }
  parentPort.postMessage((1000 * read) / (performance.now() - start));
});
parentPort.postMessage('ready');
`;

/**
 * The highest rate at which so many threads together read `bytes` again and again: as a decoder
 * reads its weights, from caches where they hold them.
 */
export async function memoryBandwidth(bytes: number, threads: number): Promise<Bandwidth> {
  const workerData = { bytes: Math.ceil(bytes / threads), ms: ATTEMPT_MS };
  const workers = Array.from(
    { length: threads },
    () => new Worker(READER, { eval: true, workerData }),
  );
  try {
    await Promise.all(workers.map(answer));
    let best = 0;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const answers = workers.map(answer);
      for (const worker of workers) worker.postMessage('read');
      const rates = (await Promise.all(answers)) as number[];
      best = Math.max(
        best,
        rates.reduce((sum, rate) => sum + rate, 0),
      );
    }
    return { threads, bytes, bytesPerSecond: best };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function answer(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
