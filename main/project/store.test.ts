import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupPath, isThere } from './project-file';
import { ProjectStore } from './store';
import { exampleLine, exampleProject, saveWhole } from './testing/examples';

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
    await saveWhole(store, exampleProject(3));
    await store.close();
    expect(await reopened()).toMatchObject({ project: exampleProject(3), notice: null });
    expect((await readdir(folder)).sort()).toEqual(['Play.timbrel', 'Play.timbrel.bak']);
  });

  it('has the state before the last save as its backup', async () => {
    const store = await ProjectStore.create(path);
    for (const lines of [1, 2, 3]) await saveWhole(store, exampleProject(lines));
    await saveWhole(store, exampleProject(3));
    await store.close();
    expect(await onDisk(path)).toEqual(exampleProject(3));
    expect(await onDisk(backupPath(path))).toEqual(exampleProject(2));
  });

  it('keeps the newest of saves that overlap, and writes no more than it must', async () => {
    const store = await ProjectStore.create(path);
    await Promise.all([1, 2, 3, 4].map((lines) => saveWhole(store, exampleProject(lines))));
    await store.close();
    expect(await onDisk(path)).toEqual(exampleProject(4));
    expect(await onDisk(backupPath(path))).toEqual(exampleProject(0));
  });

  it('made over another leaves that one as its backup', async () => {
    const first = await ProjectStore.create(path);
    await saveWhole(first, exampleProject(2));
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

describe('a project of which lines change', () => {
  it('is saved by these lines, their order and what went', async () => {
    const store = await ProjectStore.create(path);
    await saveWhole(store, exampleProject(4));
    store.stage([exampleLine(2, { text: 'Other.' })]);
    await store.save({ order: null, pronunciations: [] });
    const [first, , third, fourth] = exampleProject(4).lines;
    expect((await onDisk(path)).lines).toEqual([
      first,
      exampleLine(2, { text: 'Other.' }),
      third,
      fourth,
    ]);
    await store.save({ order: [fourth.id, first.id], pronunciations: [{ word: 'a', as: 'b' }] });
    expect(await onDisk(path)).toEqual({
      schema: 1,
      pronunciations: [{ word: 'a', as: 'b' }],
      lines: [fourth, first],
    });
    expect(store.linesFrom(1, 5)).toBe(JSON.stringify([first]));
    await store.close();
  });

  it('refuses an order of lines that never came, or came twice, and keeps what it has', async () => {
    const store = await ProjectStore.create(path);
    await saveWhole(store, exampleProject(1));
    const { id } = exampleLine(1);
    for (const order of [[exampleLine(9).id], [id, id]]) {
      expect(() => store.save({ order, pronunciations: [] })).toThrow('save it once more');
    }
    expect(store.project).toEqual(exampleProject(1));
    await store.close();
  });

  it('keeps both of two lines with one id', async () => {
    const [line] = exampleProject(1).lines;
    await writeFile(path, JSON.stringify(exampleProject(0, { lines: [line, line] })));
    const { lines } = (await reopened()).project;
    expect(lines.map(({ text }) => text)).toEqual([line.text, line.text]);
    expect(lines[0].id).not.toBe(lines[1].id);
  });
});

describe('a link to a project, or what is no file', () => {
  it('is refused before anything is read or written', async () => {
    const target = join(folder, 'Target.timbrel');
    await (await ProjectStore.create(target)).close();
    await symlink(target, path);
    await expect(ProjectStore.open(path)).rejects.toThrow('is a link, which is never replaced');
    await expect(ProjectStore.create(path)).rejects.toThrow('is a link');
    expect(await readlink(path)).toBe(target);
    await rm(path);
    execFileSync('mkfifo', [path]);
    await expect(ProjectStore.open(path)).rejects.toThrow('is a pipe');
  });
});

describe('a damaged project', () => {
  const damages = [
    '{"schema":1,"lines":[',
    '',
    '\0\0\0\0',
    '[]',
    '{"schema":1,"lines":{}}',
    '{"schema":1,"pronunciations":[],"lines":[,]}',
    '{"schema":1,"pronunciations":[],"lines":[}]}',
    '{"schema":1,"pronunciations":[],"lines":[{}]}',
  ];

  it.each(damages)('%j opens its backup, says so, and keeps it until it is saved', async (text) => {
    const store = await ProjectStore.create(path);
    await saveWhole(store, exampleProject(1));
    await saveWhole(store, exampleProject(2));
    await store.close();
    await writeFile(path, text);

    const opened = await ProjectStore.open(path);
    expect(opened.project).toEqual(exampleProject(1));
    expect(opened.notice).toMatch(/^Play\.timbrel is damaged \(.+\), so its backup was opened/);
    await saveWhole(opened, exampleProject(5));
    expect(await onDisk(backupPath(path))).toEqual(exampleProject(1));
    await opened.close();
    expect(await reopened()).toMatchObject({ project: exampleProject(5), notice: null });
  });

  it('that is missing opens its backup too', async () => {
    const store = await ProjectStore.create(path);
    await saveWhole(store, exampleProject(1));
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
    await saveWhole(first, exampleProject(1));
    await first.close();
    expect((await reopened()).project).toEqual(exampleProject(1));
  }, 20_000);
});
