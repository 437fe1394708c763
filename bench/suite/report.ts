import type { Floor } from './floor';
import type { Growth } from './growth';
import type { PairReport } from './pair';
import type { Row } from './rows';

/** Everything that the suite printed in one run. */
export type SuiteReport = {
  machine: string;
  /** Day of the run, ISO. */
  date: string;
  /** Devices that are not here, a sentence each. */
  skipped: string[];
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
  decoding: { floor: Floor; rows: Row[] } | null;
  pair: PairReport | null;
  growth: Growth | null;
};
