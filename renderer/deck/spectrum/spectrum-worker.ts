import { SpectrumAnalyser, type SpectrumFrames } from './spectrum';

/** Sound of one take after the other; each is known by its id. */
export type SpectrumCommand =
  | { type: 'append'; id: number; sampleRate: number; samples: Float32Array; isLast: boolean }
  | { type: 'close'; id: number };

export type SpectrumReport = SpectrumFrames & { id: number };

// TypeScript's DOM library takes every script for one of a page.
const scope = self as unknown as {
  onmessage: (event: MessageEvent<SpectrumCommand>) => void;
  postMessage(report: SpectrumReport, moved: Transferable[]): void;
};

const analysers = new Map<number, SpectrumAnalyser>();

scope.onmessage = ({ data }) => {
  if (data.type === 'close') {
    analysers.delete(data.id);
    return;
  }
  const analyser = analysers.get(data.id) ?? new SpectrumAnalyser(data.sampleRate);
  analysers.set(data.id, analyser);
  const frames = analyser.append(data.samples, data.isLast);
  scope.postMessage({ id: data.id, ...frames }, [frames.levels.buffer, frames.pitch.buffer]);
};
