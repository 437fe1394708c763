import type { Session } from 'electron';

/**
 * Denies every permission but choosing the sound output. Names of outputs are shown only to a page
 * that passes the check for media devices; a request to open a microphone or camera still fails.
 */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_page, permission, decide) => {
    decide((permission as string) === 'speaker-selection');
  });
  session.setPermissionCheckHandler((_page, permission, _origin, details) => {
    if ((permission as string) === 'speaker-selection') return true;
    return permission === 'media' && details.mediaType === 'audio';
  });
  session.setDevicePermissionHandler(() => false);
}
