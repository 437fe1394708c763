import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTakes } from '../takes/store';
import { exampleDraft } from '../takes/testing/examples';
import { missingTakes } from './missing-takes';
import { OpenProject } from './open-project';
import { exampleProject, saveWhole } from './testing/examples';

let folder: string;
let projects: OpenProject;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-open-'));
  projects = new OpenProject();
});
afterEach(async () => {
  await projects.close();
  await rm(folder, { recursive: true, force: true });
});

it('saves into the project that is open, and refuses what belongs to another', async () => {
  const [one, two] = ['One.timbrel', 'Two.timbrel'].map((name) => join(folder, name));
  expect(() => projects.store).toThrow('No project is open');
  await projects.create(one);
  await saveWhole(projects.at(one), exampleProject(1));
  await projects.create(two);
  await expect(projects.save(one, { order: null, pronunciations: [] })).rejects.toThrow(
    'this one is closed',
  );
  await projects.open(one);
  expect(projects.store.project).toEqual(exampleProject(1));
});

it('gives the project that is open already as it is, and makes it anew when asked', async () => {
  const path = join(folder, 'One.timbrel');
  await projects.create(path);
  await saveWhole(projects.at(path), exampleProject(2));
  await projects.open(path);
  expect(projects.store.project).toEqual(exampleProject(2));
  await projects.create(path);
  expect(projects.store.project).toEqual(exampleProject(0));
});

it('stays with its project when another cannot be opened', async () => {
  const path = join(folder, 'One.timbrel');
  const damaged = join(folder, 'Damaged.timbrel');
  await writeFile(damaged, '{');
  await projects.create(path);
  await expect(projects.open(damaged)).rejects.toThrow('there is no backup of it');
  await saveWhole(projects.at(path), exampleProject(1));
  expect(projects.store.path).toBe(path);
});

it('lets go of every project but the last of those that are asked for at once', async () => {
  const [one, two, three] = ['1', '2', '3'].map((name) => join(folder, `${name}.timbrel`));
  await Promise.all([one, two, three].map((path) => projects.create(path)));
  expect(projects.store.path).toBe(three);
  const others = new OpenProject();
  for (const path of [one, two]) await others.open(path);
  await others.close();
});

it('tells takes that are gone, or whose sound is, from those that are there', async () => {
  const store = await openTakes(join(folder, 'takes'));
  const made: string[] = [];
  for (let i = 0; i < 3; i++) {
    const recorder = await store.begin(exampleDraft());
    made.push((await recorder.end('finished', null)).id);
  }
  const [there, silent, removed] = made;
  await rm(store.wavPath(silent));
  await store.remove(removed);
  const ids = [there, silent, removed, 'never-there'];
  expect(await missingTakes(store, ids)).toEqual([silent, removed, 'never-there']);
});
