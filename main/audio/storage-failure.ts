import { FailureError } from '../../contract/failure';

/** What the system said about a failed file operation, as a sentence naming `folder`. */
export function storageFailure(error: unknown, folder: string): FailureError {
  if (error instanceof FailureError) return error;
  return new FailureError('storage', sentence(errorCode(error), error, folder), { cause: error });
}

/** The system's name of an error, such as ENOENT; undefined for any other thrown value. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function sentence(code: string | undefined, error: unknown, folder: string): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk that holds ${folder} is full: free some space there, then try again.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `Timbrel is not allowed to write in ${folder}: choose another folder, or change its permissions.`;
    case 'ENOENT':
    case 'ENOTDIR':
      return `The folder ${folder} is not there: choose another one, or bring it back.`;
    case 'ENAMETOOLONG':
      return `The file name is too long for ${folder}: choose a shorter one.`;
    default: {
      const reason = error instanceof Error ? error.message : String(error);
      return `The disk did not do what was asked in ${folder}: check it, then try again (${reason}).`;
    }
  }
}
