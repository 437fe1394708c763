import { FailureError } from '../../contract/failure';
import { LICENCES_FILE, Licences } from '../../contract/licences';

/** Reads the licences that lie beside the page; they are too long to be part of it. */
export async function readLicences(): Promise<Licences> {
  try {
    return Licences.parse(await (await fetch(LICENCES_FILE)).json());
  } catch (error) {
    throw new FailureError(
      'runtime',
      'The licences could not be read: install Timbrel again, or read them in its repository.',
      { cause: error },
    );
  }
}
