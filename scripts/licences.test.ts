import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { grouped, installedFolders, licenceOf } from './licences.mjs';

/** A project in which `plain` 1.0.0 is installed, with these files beside its package.json. */
async function projectWith(files: Record<string, string>, license: string | undefined = 'MIT') {
  const root = await mkdtemp(join(tmpdir(), 'timbrel-licences-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const folder = join(root, 'node_modules/other/node_modules/plain');
  await mkdir(folder, { recursive: true });
  const packages = {
    'node_modules/plain': { version: '2.0.0' },
    'node_modules/other/node_modules/plain': { version: '1.0.0' },
  };
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages }));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ license }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return root;
}

const asked = { name: 'plain', version: '1.0.0' };
const licenceIn = async (root: string) =>
  licenceOf(root, (await installedFolders(root))(asked), asked);

it('takes every licence and notice from the folder of the version that is packaged', async () => {
  const root = await projectWith({
    'LICENSE.txt': 'May be used.\r\nMay be sold.\n',
    NOTICE: 'By them.\n',
    'README.md': 'Read me.',
  });
  const { text, licence } = await licenceIn(root);
  expect(licence).toBe('MIT');
  expect(text).toMatch(/^May be used\.\nMay be sold\.\n\n-+\n\nBy them\.$/);
});

it('refuses a package without a text, and one that names no licence', async () => {
  await expect(licenceIn(await projectWith({ 'README.md': 'MIT' }))).rejects.toThrow(
    'plain 1.0.0 is in the package, but brings no licence text: add one to assets/licences.',
  );
  const nameless = await projectWith({ LICENSE: 'May be used.' }, '');
  await expect(licenceIn(nameless)).rejects.toThrow(/names no licence/);
});

it('puts packages under one text together', () => {
  const under = (name: string, text: string) => ({ name, version: '1', licence: 'MIT', text });
  expect(grouped([under('a', 'one'), under('b', 'two'), under('c', 'one')])).toEqual([
    {
      packages: [
        { name: 'a', version: '1' },
        { name: 'c', version: '1' },
      ],
      licence: 'MIT',
      text: 'one',
    },
    { packages: [{ name: 'b', version: '1' }], licence: 'MIT', text: 'two' },
  ]);
});
