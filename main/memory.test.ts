import { expect, it, vi } from 'vitest';
import { DEFAULT_PREFERENCES } from '../contract/preferences';
import { Memory } from './memory';

const { warn, kept } = vi.hoisted(() => ({ warn: vi.fn(), kept: { value: null as unknown } }));
vi.mock('electron-log/main', () => ({ default: { warn } }));
vi.mock('electron-store', () => ({
  default: class {
    readonly path = '/home/someone/timbrel/memory.json';
    get = () => kept.value;
    set = () => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
  },
}));

it('says in a sentence that preferences could not be kept', () => {
  expect(() => new Memory().setPreferences({ theme: 'dark' })).toThrow(
    /disk that holds .*timbrel is full: free some space/,
  );
});

it('lets a window close on a full disk', () => {
  new Memory().window.save({ x: 0, y: 0, width: 1024, height: 700 });
  expect(warn).toHaveBeenCalledWith(expect.stringMatching(/is full/));
});

it('reads what an earlier version kept, and loses one damaged preference at most', () => {
  const settings = {
    voice: 'slt',
    method: 'exact',
    theta: 0.35,
    lookahead: 3,
    temperature: 0.8,
    topK: 0,
    topP: 1,
    repetitionPenalty: 1,
    seed: 42,
  };
  kept.value = { theme: 'dark', text: 'My own words.', settings, seedPinned: true };
  const before = { ...DEFAULT_PREFERENCES, theme: 'dark', text: 'My own words.', seedPinned: true };
  expect(new Memory().preferences).toEqual({ ...before, settings });
  kept.value = { ...(kept.value as object), settings: { ...settings, theta: 'low' } };
  expect(new Memory().preferences).toEqual(before);
  kept.value = undefined;
  expect(new Memory().preferences).toEqual(DEFAULT_PREFERENCES);
});

it('takes no damaged bounds for a window', () => {
  const bounds = { x: -10, y: 0, width: 1024, height: 700 };
  kept.value = bounds;
  expect(new Memory().window.load()).toEqual(bounds);
  kept.value = { ...bounds, x: 'left' };
  expect(new Memory().window.load()).toBeNull();
});
