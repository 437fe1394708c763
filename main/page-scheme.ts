import { protocol } from 'electron';
import { answer } from './page-files';

const SCHEME = 'timbrel';
export const PAGE_ORIGIN = `${SCHEME}://app`;
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`;

/** Must run before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built page, and nothing outside `root`. */
export function servePage(root: string): void {
  protocol.handle(SCHEME, (request) => answer(root, request));
}
