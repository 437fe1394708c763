import { expect, it } from 'vitest';
import { noCounts } from '../../main/decoding/counters';
import { pageSection } from './page';
import type { SuiteReport } from './report';
import { rowsOf } from './rows';

const floor = {
  targetBytes: 2e6,
  draftBytes: 1e5,
  bandwidths: [{ threads: 1, bytes: 2e6, bytesPerSecond: 1e9 }],
};
const place = { name: 'CPU, 1 thread', device: 'cpu', threads: 1 } as const;

/** 100 tokens at so many milliseconds each, of which the codec takes a tenth where there is one. */
const sample = (method: string, ms: number, vocoded: boolean) => ({
  place: place.name,
  method,
  sentence: 0,
  seed: 1,
  result: {
    cancelled: false,
    counters: { ...noCounts(), committed: 100, targetCalls: 100 },
    frames: 100,
    wallMs: 100 * ms,
    firstSoundMs: 50,
    plainTokensPerSecond: null,
    targetMs: 80 * ms,
    draftMs: 0,
    codecMs: vocoded ? 10 * ms : 0,
  },
});

const report = (): SuiteReport => ({
  machine: 'A machine',
  date: '2026-01-01',
  skipped: ['WebGPU: it is not here.'],
  failed: ['growth: a file is gone.'],
  pack: {
    id: 'pack',
    name: 'Pack',
    codebookSize: 96,
    targetLayers: 2,
    draftLayers: 1,
    voice: 'a',
    theta: 0.4,
    meanGroupSize: 3,
    temperature: 0.8,
    topP: 1,
  },
  sentences: 1,
  seeds: 1,
  decoding: {
    floor,
    rows: rowsOf([sample('plain', 10, true), sample('other', 3, false)], [place], floor, 50),
    llama: null,
    rival: null,
  },
  pair: null,
  growth: null,
});

it('tells what was measured, where, and what was not', () => {
  const page = pageSection(report());
  expect(page).toContain('## A machine');
  expect(page).toContain(
    'Not measured: WebGPU: it is not here. Broke off: growth: a file is gone.',
  );
  // 9 ms a token without the codec, 2 ms of them for reading the weights; nothing of two threads.
  expect(page).toMatch(/\| plain \| 1\.00 .* \| 22 % \|/);
  expect(page).toContain('1.0 GB/s with 1 thread (2.00 ms a pass)');
});

it('compares by decoding alone what makes no sound', () => {
  expect(pageSection(report())).toContain(
    '| other | – | 3.00 (3.00–3.00) | – | 1.00 | – | 333 | – | – | – | 67 % |',
  );
});
