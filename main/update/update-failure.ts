import { FailureError } from '../../contract/failure';

const CODES: Record<string, string> = {
  ERR_CHECKSUM_MISMATCH:
    'The downloaded update is not the file that the feed promised, so it was thrown away: try again later.',
  ERR_UPDATER_INVALID_SIGNATURE:
    'The downloaded update is not signed by Timbrel’s publisher, so it was thrown away.',
  ERR_UPDATER_CHANNEL_FILE_NOT_FOUND:
    'The update feed has nothing for this system: look for a newer package by hand.',
  ERR_UPDATER_NO_CHECKSUM: 'The update feed names no checksum, so nothing was downloaded.',
};

/** What the update library throws, as one sentence; its own texts hold addresses, headers and stacks. */
export function updateFailure(error: unknown): FailureError {
  const { code, message, name } = error as { code?: string; message?: string; name?: string };
  if (name === 'CancellationError' || message === 'cancelled') {
    return new FailureError('cancelled', 'The download was cancelled.');
  }
  if (code !== undefined && code in CODES) return new FailureError('runtime', CODES[code]);
  if (/^ERR_UPDATER_|^ERR_INVALID_|YAML/i.test(code ?? name ?? '')) {
    return new FailureError('runtime', 'The update feed cannot be read: try again later.');
  }
  return new FailureError(
    'runtime',
    'The update could not be fetched: check the network, then try again.',
  );
}
