import type { Counters } from './counters';
import type { Failure } from './failure';
import type { Round } from './rounds';
import type { Take } from './take';

/**
 * What a job's MessagePort carries to the page, in order. `ended` is always the last one.
 * `Float32Array`s hold mono samples at the pack's rate.
 */
export type JobEvent =
  | { type: 'started'; take: Take }
  | { type: 'rounds'; rounds: Round[] }
  | { type: 'audio'; samples: Float32Array }
  | {
      type: 'progress';
      counters: Counters;
      /** Frames decoded so far, silences between pieces included. */
      frames: number;
      /** An estimate from the text until the take ends. */
      expectedFrames: number;
      piece: number;
      pieces: number;
      /** Since the job began to run, without its time in the queue. */
      elapsedMs: number;
    }
  | { type: 'notice'; message: string }
  /** Sound that was finished before a failure or a cancel is kept in `take`. */
  | { type: 'ended'; take: Take; failure: Failure | null };

/** The window message, with the job's port, by which the bridge hands a port to the page. */
export const JOB_PORT_MESSAGE = 'timbrel:job-port';
export type JobPortMessage = { type: typeof JOB_PORT_MESSAGE; job: string };
