import { afterEach, beforeEach, expect, test } from 'vitest';
import { usePreferences } from '../preferences/preferences';
import { examplePack, exampleSettings, type FakeBridge, readyEngine } from '../testing/fake-bridge';
import { openPage } from '../testing/page';
import { changeSettings, currentSettings } from './settings';

const otherPack = {
  ...examplePack,
  id: 'other',
  sha256: '1'.repeat(64),
  name: 'Other voices',
  voices: [{ name: 'soprano', description: 'Woman' }],
  thetaFloor: 0.5,
  defaults: { theta: 0.7, lookahead: 5, temperature: 0.6, topP: 0.95 },
};

let page: FakeBridge & { close: () => void };
const load = (pack: typeof examplePack) => {
  if (readyEngine.status !== 'ready') throw new Error('the example engine must be ready');
  page.send('engineChanged', { ...readyEngine, pack });
};

beforeEach(async () => {
  page = await openPage();
});
afterEach(() => page.close());

test('a pack that is new begins with its own defaults, and with the seed that was last chosen', () => {
  changeSettings({ ...exampleSettings, voice: 'bass', method: 'exact', theta: 0.45, seed: 4242 });
  load(otherPack);
  expect(currentSettings()).toEqual({
    ...exampleSettings,
    ...otherPack.defaults,
    lookahead: 'adaptive',
    voice: 'soprano',
    method: 'exact',
    seed: 4242,
  });
});

test('each pack keeps its own settings while another one is in use', () => {
  changeSettings({ voice: 'bass', theta: 0.45 });
  load(otherPack);
  changeSettings({ theta: 0.9 });
  load(examplePack);
  expect(currentSettings()).toMatchObject({ voice: 'bass', theta: 0.45 });
  load(otherPack);
  expect(currentSettings()).toMatchObject({ voice: 'soprano', theta: 0.9 });
});

test('settings kept before packs were told apart give their voice where it still is, never their θ', () => {
  usePreferences.setState({ settings: { ...exampleSettings, voice: 'tenor', theta: 0.91 } });
  expect(currentSettings()).toMatchObject({ voice: 'tenor', theta: examplePack.defaults.theta });
  load(otherPack);
  expect(currentSettings()).toMatchObject({ voice: 'soprano', theta: otherPack.defaults.theta });
});

test('a later edition of a pack with fewer voices and a higher floor is followed', () => {
  changeSettings({ voice: 'bass', theta: 0.31 });
  load({ ...examplePack, voices: examplePack.voices.slice(0, 2), thetaFloor: 0.4 });
  expect(currentSettings()).toMatchObject({ voice: 'alto', theta: 0.4 });
});

test('a pace is kept for the pack that has it, and is the usual one with any other', () => {
  load({ ...examplePack, paces: ['slow', 'fast'] });
  changeSettings({ pace: 'slow' });
  expect(currentSettings()?.pace).toBe('slow');
  load(otherPack);
  expect(currentSettings()?.pace).toBeUndefined();
  load({ ...examplePack, paces: ['slow', 'fast'] });
  expect(currentSettings()?.pace).toBe('slow');
});
