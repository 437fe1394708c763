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
  cards: [],
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
    passes: {
      layers: 2,
      width: 64,
      position: 200,
      lengths: [1, 5],
      places: [
        {
          place: place.name,
          onGpu: false,
          ms: [2, 5],
          operators: 21,
          programs: null,
          captured: false,
        },
      ],
    },
    codecApart: [],
    llamas: [],
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

it('says beneath each table what a pass takes and where the codec vocodes', () => {
  const inside = report();
  expect(pageSection(inside)).toContain(
    '| 67 % |\n\nA pass of the target behind 200 positions takes 2.00 ms for one position and 5.00 ms for 5 ' +
      'positions; one position is 21 operators of ONNX Runtime. The codec vocodes in the process that decodes.',
  );
  const { decoding } = inside;
  if (!decoding) throw new TypeError('Decoding was measured.');
  const apart = { ...inside, decoding: { ...decoding, codecApart: [place.name] } };
  expect(pageSection(apart)).toContain('The codec vocodes in a process of its own.');
});

it('leaves out of decoding alone what a codec apart was waited for at the end', () => {
  const waited = sample('plain', 10, true);
  const result = { ...waited.result, wallMs: 1500, codecMs: 600 };
  const [row] = rowsOf([{ ...waited, result }], [place], floor, 50);
  expect(row.decodedPerSecond.median).toBeCloseTo(100_000 / 900);
  expect(row.tokensPerSecond.median).toBeCloseTo(100_000 / 1500);
});

it('names the GPU that llama.cpp ran on', () => {
  const { decoding, ...rest } = report();
  if (!decoding) throw new TypeError('Decoding was measured.');
  const agreement = { same: 90, of: 128 };
  const llamas = [
    { release: 'b1', gpus: [], agreement: { same: 100, of: 128 } },
    { release: 'b1', gpus: ['NVIDIA H200'], agreement },
  ];
  expect(pageSection({ ...rest, decoding: { ...decoding, llamas } })).toContain(
    'on the CPU the first 100 of 128 tokens and on NVIDIA H200 the first 90 of 128 tokens are ours.',
  );
});

it('knows no floor for a GPU', () => {
  const gpu = { half: true, smallBlocks: false, captured: true, draftsOnCpu: false };
  const [row] = rowsOf([sample('plain', 10, true)], [{ ...place, gpu }], floor, 50);
  expect(row.ofFloor).toBeNull();
});
