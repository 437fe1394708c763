import { FailureError } from '../../contract/failure';
import { reasonIn } from './graph-failure';
import { type Device, PROVIDERS } from './providers';

/** A device other than the CPU stopped working, such as for a driver that was reset. */
export class DeviceLost extends FailureError {
  constructor(device: Device, cause: Error) {
    const reason = reasonIn(cause.message);
    const { label } = PROVIDERS[device];
    super('runtime', `${label} stopped working (${reason}), so the CPU is used.`, { cause });
    this.name = 'DeviceLost';
  }
}

/** What an error means that came of decoding: on the CPU what it says, elsewhere a lost device. */
export function decodingError(device: Device, error: unknown): unknown {
  const isKnown = error instanceof FailureError || error instanceof RangeError;
  if (PROVIDERS[device].isProcessor || isKnown) return error;
  return new DeviceLost(device, error instanceof Error ? error : new Error(String(error)));
}
