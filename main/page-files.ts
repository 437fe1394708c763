import { randomBytes } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, relative, sep } from 'node:path';

/** Stands in the built page for the nonce of the day (`electron.vite.config.ts`). */
const NONCE_PLACE = '%CSP_NONCE%';

/**
 * The page runs its own files and reaches nothing else. Libraries that write style elements into
 * it take the nonce from its `csp-nonce` meta element.
 */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "connect-src 'self' blob:",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wav': 'audio/wav',
  '.json': 'application/json',
};

/** The answer to a request of the page's scheme; 404 for whatever is not a file under `root`. */
export async function answer(root: string, request: Request): Promise<Response> {
  const file = request.method === 'GET' ? await read(root, request.url).catch(() => null) : null;
  if (file === null) return new Response('Not found', { status: 404 });
  const nonce = randomBytes(16).toString('base64');
  const isPage = extname(file.path) === '.html';
  const body = isPage ? file.bytes.toString('utf8').replaceAll(NONCE_PLACE, nonce) : file.bytes;
  return new Response(typeof body === 'string' ? body : new Uint8Array(body), {
    headers: {
      'content-type': TYPES[extname(file.path)] ?? 'application/octet-stream',
      'content-security-policy': contentSecurityPolicy(nonce),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    },
  });
}

async function read(root: string, url: string) {
  const path = await fileUnder(root, url);
  return path === null ? null : { path, bytes: await readFile(path) };
}

async function fileUnder(root: string, url: string): Promise<string | null> {
  const { host, pathname } = new URL(url);
  if (host !== 'app') return null;
  const path = decodeURIComponent(pathname);
  if (path.includes('\0') || path.includes('\\')) return null;
  const home = await realpath(root);
  // Links are followed first, so that what is compared is what would be read.
  const file = await realpath(join(home, `.${path}`));
  const within = relative(home, file);
  const outside = within === '' || within === '..' || within.startsWith(`..${sep}`);
  return outside || isAbsolute(within) ? null : file;
}
