import { call, make } from './api';

/** Nothing is logged: errors are thrown. */
const FATAL = 4;

let made: bigint | null = null;

/** The environment that all sessions of this process share; it lives as long as the process. */
export function environment(): bigint {
  if (made === null) {
    made = make('CreateEnv', FATAL, 'timbrel');
    call('DisableTelemetryEvents', made);
  }
  return made;
}
