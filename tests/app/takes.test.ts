import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { launch, newUserData, ROOT } from './launch';

const TAKES = 50;

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

it('the list of takes lays out only the rows in sight, however short it is', async () => {
  const userData = await newUserData();
  cleanUp.push(() => rm(userData, { recursive: true, force: true }));
  const example = join(ROOT, 'tests/data/take-of-flite-trio');
  const meta = JSON.parse(await readFile(join(example, 'take.json'), 'utf8'));
  for (let i = 0; i < TAKES; i++) {
    const id = `take-${i}-example`;
    const home = join(userData, 'takes', id);
    await mkdir(home, { recursive: true });
    await cp(join(example, 'audio.wav'), join(home, 'audio.wav'));
    const createdAt = new Date(Date.UTC(2026, 0, 1, 0, i)).toISOString();
    await writeFile(join(home, 'take.json'), JSON.stringify({ ...meta, id, name: id, createdAt }));
  }
  const app = await launch({ userData });
  cleanUp.push(() => app.close());
  const list = app.page.getByRole('grid', { name: 'Takes' });
  await list.getByText(`take-${TAKES - 1}-example`).waitFor();
  expect(await app.call('listTakes', undefined)).toHaveLength(TAKES);
  const laidOut = () => list.getByRole('row').count();
  expect(await laidOut()).toBeGreaterThan(2);
  expect(await laidOut()).toBeLessThan(TAKES / 2);
  // The last one comes with the keyboard.
  await list.getByText(`take-${TAKES - 1}-example`).click();
  await app.page.keyboard.press('End');
  await list.getByText('take-0-example').waitFor();
  expect(await laidOut()).toBeLessThan(TAKES / 2);
});
