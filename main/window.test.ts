import { expect, it, vi } from 'vitest';
import { boundsOn } from './window';

vi.mock('electron', () => ({}));
vi.mock('./page-scheme', () => ({}));

const laptop = { x: 0, y: 25, width: 1440, height: 875 };
const desk = { x: 1440, y: 0, width: 2560, height: 1400 };
const onDesk = { x: 1700, y: 200, width: 1440, height: 900 };

it('opens a window where it was closed', () => {
  expect(boundsOn([laptop, desk], onDesk)).toEqual(onDesk);
  const halfOut = { ...onDesk, x: -900 };
  expect(boundsOn([laptop], halfOut)).toEqual(halfOut);
});

it('forgets the place of a window whose display is gone', () => {
  expect(boundsOn([laptop], onDesk)).toBeNull();
  expect(boundsOn([laptop], { ...onDesk, x: -1400 })).toBeNull();
  expect(boundsOn([laptop], null)).toBeNull();
});
