import { FailureError } from '../../contract/failure';
import { reasonIn } from './graph-failure';
import { DEVICE_NAMES, type Device } from './messages';

/** A device other than the CPU stopped working, such as for a driver that was reset. */
export class DeviceLost extends FailureError {
  constructor(device: Device, cause: Error) {
    const reason = reasonIn(cause.message);
    super('runtime', `${DEVICE_NAMES[device]} stopped working (${reason}), so the CPU is used.`, {
      cause,
    });
    this.name = 'DeviceLost';
  }
}

/** What an error means that came of decoding: on the CPU what it says, elsewhere a lost device. */
export function decodingError(device: Device, error: unknown): unknown {
  if (device === 'cpu' || error instanceof FailureError || error instanceof RangeError)
    return error;
  return new DeviceLost(device, error instanceof Error ? error : new Error(String(error)));
}
