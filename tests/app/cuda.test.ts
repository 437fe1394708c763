import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { wheelsHere } from '../../main/devices/cuda/wheels';
import { launch } from './launch';

const wheels = wheelsHere();

it('fetches the libraries for CUDA by the app’s own process when its button is pressed, and not before', async (ctx) => {
  if (!wheels) return ctx.skip('there is no CUDA for this platform');
  const asked: string[] = [];
  const index = createServer((request, reply) => {
    asked.push(request.url ?? '');
    const [{ file }] = wheels;
    if (request.url?.startsWith('/simple/')) {
      reply.end(JSON.stringify({ files: [{ filename: file, url: `/files/${file}` }] }));
    } else reply.writeHead(403).end();
  });
  await new Promise<void>((resolve) => index.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void index.close());
  const host = `127.0.0.1:${(index.address() as AddressInfo).port}`;
  const cache = await mkdtemp(join(tmpdir(), 'timbrel-cache-'));
  onTestFinished(() => rm(cache, { recursive: true, force: true }));
  const app = await launch({
    switches: ['--cpu'],
    env: {
      ...(process.env as Record<string, string>),
      XDG_CACHE_HOME: cache,
      PIP_INDEX_URL: `http://${host}/simple`,
    },
  });
  onTestFinished(() => app.close());
  await app.ready();
  await app.page.keyboard.press('Alt+e');
  const dialog = app.page.getByRole('dialog', { name: 'Engine' });
  const fetching = dialog.getByRole('button', { name: 'Fetch CUDA' });
  await fetching.waitFor();
  expect(await dialog.textContent()).toContain(`from ${host}`);
  expect(asked).toEqual([]);

  await fetching.click();
  const [{ project, file }] = wheels;
  await dialog.getByText(`${host} answers 403 for ${file}`).waitFor();
  expect(asked).toEqual([`/simple/${project}/`, `/files/${file}`]);
  expect(await app.call('getCuda', undefined)).toMatchObject({ status: 'absent', host });
  expect(await readdir(join(cache, 'timbrel/cuda'))).toEqual([expect.stringMatching(/\.partial$/)]);
});
