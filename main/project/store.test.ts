import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupPath, isThere } from './project-file';
import { ProjectStore } from './store';
import { exampleProject } from './testing/examples';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-project-'));
  path = join(folder, 'Play.timbrel');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const reopened = async () => {
  const store = await ProjectStore.open(path);
  await store.close();
  return store;
};
const onDisk = async (file: string) => JSON.parse(await readFile(file, 'utf8'));

describe('a project', () => {
  it('is made empty, saved, and opened as it was', async () => {
    const store = await ProjectStore.create(path);
    expect(await onDisk(path)).toEqual(exampleProject(0));
    await store.save(exampleProject(3));
    await store.close();
    expect(await reopened()).toMatchObject({ project: exampleProject(3), notice: null });
    expect((await readdir(folder)).sort()).toEqual(['Play.timbrel', 'Play.timbrel.bak']);
  });

  it('has the state before the last save as its backup', async () => {
    const store = await ProjectStore.create(path);
    for (const lines of [1, 2, 3]) await store.save(exampleProject(lines));
    await store.save(exampleProject(3));
    await store.close();
    expect(await onDisk(path)).toEqual(exampleProject(3));
    expect(await onDisk(backupPath(path))).toEqual(exampleProject(2));
  });

  it('keeps the newest of saves that overlap, and writes no more than it must', async () => {
    const store = await ProjectStore.create(path);
    await Promise.all([1, 2, 3, 4].map((lines) => store.save(exampleProject(lines))));
    await store.close();
    expect(await onDisk(path)).toEqual(exampleProject(4));
    expect(await onDisk(backupPath(path))).toEqual(exampleProject(0));
  });

  it('made over another leaves that one as its backup', async () => {
    const first = await ProjectStore.create(path);
    await first.save(exampleProject(2));
    await first.close();
    await (await ProjectStore.create(path)).close();
    expect(await onDisk(backupPath(path))).toEqual(exampleProject(2));
  });

  it('in a folder that is gone says so', async () => {
    const gone = join(folder, 'gone', 'Play.timbrel');
    const failure = { kind: 'storage', message: expect.stringContaining('is not there') };
    await expect(ProjectStore.create(gone)).rejects.toMatchObject({ failure });
    await expect(ProjectStore.open(gone)).rejects.toMatchObject({ failure });
  });
});

describe('a damaged project', () => {
  const damages = ['{"schema":1,"lines":[', '', '\0\0\0\0', '[]', '{"schema":1,"lines":{}}'];

  it.each(damages)('%j opens its backup, says so, and keeps it until it is saved', async (text) => {
    const store = await ProjectStore.create(path);
    await store.save(exampleProject(1));
    await store.save(exampleProject(2));
    await store.close();
    await writeFile(path, text);

    const opened = await ProjectStore.open(path);
    expect(opened.project).toEqual(exampleProject(1));
    expect(opened.notice).toMatch(/^Play\.timbrel is damaged \(.+\), so its backup was opened/);
    await opened.save(exampleProject(5));
    expect(await onDisk(backupPath(path))).toEqual(exampleProject(1));
    await opened.close();
    expect(await reopened()).toMatchObject({ project: exampleProject(5), notice: null });
  });

  it('that is missing opens its backup too', async () => {
    const store = await ProjectStore.create(path);
    await store.save(exampleProject(1));
    await store.close();
    await rm(path);
    expect(await isThere(path)).toBe(true);
    expect((await reopened()).notice).toMatch(/^Play\.timbrel is missing, so its backup/);
  });

  it('with no backup, or a damaged one, is refused and left as it is', async () => {
    await writeFile(path, 'no project');
    await expect(ProjectStore.open(path)).rejects.toThrow('there is no backup of it');
    await writeFile(backupPath(path), 'none either');
    await expect(ProjectStore.open(path)).rejects.toThrow('its backup is damaged too');
    expect(await readFile(path, 'utf8')).toBe('no project');
    expect((await readdir(folder)).sort()).toEqual(['Play.timbrel', 'Play.timbrel.bak']);
  });

  it('of a later version is left to that one, with its backup', async () => {
    await writeFile(path, '{"schema":2}');
    await writeFile(backupPath(path), JSON.stringify(exampleProject(1)));
    await expect(ProjectStore.open(path)).rejects.toThrow('a later version of Timbrel');
  });
});

describe('two instances', () => {
  it('do not open one project', async () => {
    const first = await ProjectStore.create(path);
    await expect(ProjectStore.open(path)).rejects.toMatchObject({
      failure: {
        kind: 'usage',
        message: 'Play.timbrel is open in another Timbrel: close it there first.',
      },
    });
    await expect(ProjectStore.create(path)).rejects.toThrow('open in another Timbrel');
    await first.save(exampleProject(1));
    await first.close();
    expect((await reopened()).project).toEqual(exampleProject(1));
  }, 20_000);
});
