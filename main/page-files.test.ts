import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { answer } from './page-files';

let root: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'timbrel-page-'));
  root = join(folder, 'renderer');
  await mkdir(join(root, 'assets'), { recursive: true });
  await mkdir(join(folder, 'renderer-secret'));
  await writeFile(join(root, 'index.html'), '<p>page</p>');
  await writeFile(join(root, 'assets', 'a b.js'), '1');
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'renderer-secret', 'secret.txt'), 'secret');
  await symlink(join(folder, 'secret.txt'), join(root, 'link.txt'));
});

const get = (path: string, method = 'GET') =>
  answer(root, { url: `timbrel://app${path}`, method } as Request);

describe('files of the page', () => {
  it('are served with their type and the policy', async () => {
    const page = await get('/index.html');
    expect(page.status).toBe(200);
    expect(await page.text()).toBe('<p>page</p>');
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'self'/);
    expect((await get('/assets/a%20b.js')).headers.get('content-type')).toContain('javascript');
  });

  it('carry a nonce that is new each time, for style elements alone', async () => {
    await writeFile(join(root, 'nonce.html'), '<meta nonce="%CSP_NONCE%">');
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const page = await get('/nonce.html');
        const [, nonce] = (await page.text()).match(/nonce="([^"]+)"/) ?? [];
        const policy = page.headers.get('content-security-policy') ?? '';
        expect(policy).toContain(`style-src 'self' 'nonce-${nonce}'`);
        expect(policy).toContain("script-src 'self';");
        return nonce;
      }),
    );
    expect(nonces[0]).not.toBe(nonces[1]);
    expect(nonces[0]).not.toContain('%');
  });

  // What needs neither a link nor a folder beside the page's is in tests/trust/page.test.ts.
  it.each(['/..%2fsecret.txt', '/..%2frenderer-secret/secret.txt', '/link.txt'])(
    '%s is not found',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );

  it('answers no other host and no other method', async () => {
    const other = { url: 'timbrel://elsewhere/index.html', method: 'GET' } as Request;
    expect((await answer(root, other)).status).toBe(404);
    expect((await get('/index.html', 'POST')).status).toBe(404);
  });
});
