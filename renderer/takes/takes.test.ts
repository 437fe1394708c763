import { afterEach, beforeEach, expect, test } from 'vitest';
import { useNotices } from '../notices/notices';
import { usePreferences } from '../preferences/preferences';
import { exampleSettings, type FakeBridge } from '../testing/fake-bridge';
import { openPage } from '../testing/page';
import {
  recallTake,
  refreshTakes,
  removeTake,
  renameTake,
  restoreLastRemoved,
  shownTakes,
  starTake,
  useTakes,
} from './takes';

let page: FakeBridge & { close: () => void };

beforeEach(async () => {
  page = await openPage({
    preferences: { text: 'My own words.' },
    takes: ['First line.', 'Second line.', 'Third one.'].map((text, index) => ({
      text,
      settings: { ...exampleSettings, seed: index },
    })),
  });
});
afterEach(() => page.close());

const texts = () => shownTakes(useTakes.getState()).map(({ text }) => text);

test('takes are listed newest first', () => {
  expect(texts()).toEqual(['Third one.', 'Second line.', 'First line.']);
});

test('a deleted take comes back with its notice’s Undo, in its place', async () => {
  await removeTake(useTakes.getState().all[1]);
  expect(texts()).toEqual(['Third one.', 'First line.']);
  const [notice] = useNotices.getState().shown;
  expect(notice.action?.label).toBe('Undo');
  notice.action?.run();
  await expect.poll(texts).toEqual(['Third one.', 'Second line.', 'First line.']);
  await refreshTakes();
  expect(texts()).toEqual(['Third one.', 'Second line.', 'First line.']);
});

test('undo brings deleted takes back one by one, the latest first', async () => {
  const [third, second] = useTakes.getState().all;
  await removeTake(second);
  await removeTake(third);
  expect(texts()).toEqual(['First line.']);
  await restoreLastRemoved();
  expect(texts()).toEqual(['Third one.', 'First line.']);
  await restoreLastRemoved();
  expect(texts()).toEqual(['Third one.', 'Second line.', 'First line.']);
});

test('deleting selects the neighbour, so that the list can be worked through', async () => {
  const [third, second] = useTakes.getState().all;
  await removeTake(third);
  expect(useTakes.getState().selected).toBe(second.id);
});

test('a take that cannot be deleted stays, and the reason is said', async () => {
  page.failNext('removeTake', { kind: 'storage', message: 'The takes folder cannot be written.' });
  await removeTake(useTakes.getState().all[0]);
  expect(texts()).toHaveLength(3);
  expect(useNotices.getState().shown[0].message).toBe('The takes folder cannot be written.');
});

test('the search looks at names and texts, the star filter at stars, both together', async () => {
  const [third] = useTakes.getState().all;
  await renameTake(third, '  Opening line  ');
  useTakes.setState({ search: 'LINE' });
  expect(texts()).toEqual(['Third one.', 'Second line.', 'First line.']);
  await starTake(useTakes.getState().all[2]);
  useTakes.setState({ starredOnly: true });
  expect(texts()).toEqual(['First line.']);
  useTakes.setState({ search: 'opening' });
  expect(texts()).toEqual([]);
});

test('an empty name leaves the name as it was and asks nothing of main', async () => {
  const [take] = useTakes.getState().all;
  await renameTake(take, '   ');
  expect(useTakes.getState().all[0].name).toBe(take.name);
  expect(page.calls.map(({ name }) => name)).not.toContain('renameTake');
});

test('recalling a take pins its seed, and Undo gives the script back', () => {
  const [, second] = useTakes.getState().all;
  recallTake(second);
  expect(usePreferences.getState()).toMatchObject({
    text: 'Second line.',
    settings: { seed: 1 },
    seedPinned: true,
  });
  useNotices.getState().shown[0].action?.run();
  expect(usePreferences.getState()).toMatchObject({ text: 'My own words.', seedPinned: false });
});
