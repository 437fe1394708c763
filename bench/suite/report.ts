import type { DecodingReport } from './decoding';
import type { Growth } from './growth';
import type { PairReport } from './pair';

/** Everything that the suite printed in one run. */
export type SuiteReport = {
  machine: string;
  /** Names of NVIDIA's graphics cards in it. */
  cards: string[];
  /** Day of the run, ISO. */
  date: string;
  /** What is not here, devices and others, a sentence each. */
  skipped: string[];
  /** Parts that broke off, a sentence each. */
  failed: string[];
  pack: {
    id: string;
    name: string;
    codebookSize: number;
    targetLayers: number;
    draftLayers: number;
    voice: string;
    theta: number;
    meanGroupSize: number;
    temperature: number;
    topP: number;
  };
  sentences: number;
  seeds: number;
  decoding: DecodingReport | null;
  pair: PairReport | null;
  growth: Growth | null;
};
