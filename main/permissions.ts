import type { Session } from 'electron';

/**
 * Denies every permission but choosing the sound output. Names of outputs are shown only to a page
 * that passes the check of audio devices, the one that says whose devices are listed. A page that asks
 * for the state of its permission to use the microphone is told that it is denied, and so is one that
 * opens it.
 */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_page, permission, decide) => {
    decide((permission as string) === 'speaker-selection');
  });
  session.setPermissionCheckHandler((_page, permission, _origin, details) => {
    if ((permission as string) === 'speaker-selection') return true;
    const listsDevices = permission === 'media' && details.securityOrigin !== undefined;
    return listsDevices && details.mediaType === 'audio';
  });
  session.setDevicePermissionHandler(() => false);
}
