import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useNotices } from '../notices/notices';
import { usePreferences } from '../preferences/preferences';
import { changeSettings, currentSettings } from '../script/settings';
import { examplePack, exampleSettings, type FakeBridge } from '../testing/fake-bridge';
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

describe('recalling a take that was made with another voice pack', () => {
  const pack = { id: 'old', name: 'Old trio', sha256: 'f', sampleRate: 16_000, frameRate: 50 };
  const recall = async (voice: string) => {
    page.close();
    const settings = { ...exampleSettings, voice, method: 'exact' as const, theta: 0.9, seed: 5 };
    page = await openPage({ takes: [{ text: 'An old line.', settings, pack }] });
    changeSettings({ voice: 'tenor' });
    recallTake(useTakes.getState().all[0]);
    return { script: usePreferences.getState(), notice: useNotices.getState().shown[0] };
  };
  const { theta } = examplePack.defaults;

  test('keeps the voice in use where the take’s is missing, takes the pack’s own θ, and says so', async () => {
    const { script, notice } = await recall('slt');
    expect(script).toMatchObject({ text: 'An old line.', seedPinned: true });
    expect(currentSettings()).toMatchObject({ voice: 'tenor', method: 'exact', seed: 5, theta });
    expect(notice.message).toContain(
      'It was made with Old trio: this pack has no slt, so tenor will speak, and θ is this pack’s 0.40.',
    );
    notice.action?.run();
    expect(currentSettings()).toMatchObject({ voice: 'tenor', method: 'pcg' });
    expect(usePreferences.getState()).toMatchObject({ text: '', seedPinned: false });
  });

  test('says whose voice it is where the name is the same', async () => {
    const { notice } = await recall('bass');
    expect(currentSettings()).toMatchObject({ voice: 'bass', theta });
    expect(notice.message).toContain('made with Old trio: this pack’s bass will speak');
  });
});
