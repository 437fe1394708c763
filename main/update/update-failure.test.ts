import { expect, it } from 'vitest';
import { updateFailure } from './update-failure';

const thrown = (message: string, code?: string) => Object.assign(new Error(message), { code });

it.each([
  [thrown('cancelled'), 'cancelled', 'The download was cancelled.'],
  [
    thrown(
      'New version 9.0.0 is not signed by the application owner: {…}',
      'ERR_UPDATER_INVALID_SIGNATURE',
    ),
    'runtime',
    'The downloaded update is not signed by Timbrel’s publisher, so it was thrown away.',
  ],
  [
    thrown('sha512 checksum mismatch, expected a, got b', 'ERR_CHECKSUM_MISMATCH'),
    'runtime',
    'The downloaded update is not the file that the feed promised, so it was thrown away: try again later.',
  ],
  [
    thrown('net::ERR_CONNECTION_REFUSED'),
    'runtime',
    'The update could not be fetched: check the network, then try again.',
  ],
  [
    thrown('Latest version has no semver {\n "a": 1 }', 'ERR_UPDATER_INVALID_VERSION'),
    'runtime',
    'The update feed cannot be read: try again later.',
  ],
])('says %s in one sentence', (error, kind, message) => {
  expect(updateFailure(error).failure).toEqual({ kind, message });
});
