import type { GpuBackend } from './install';

/** Suite → process of llama.cpp. Each is answered by one report. */
export type LlamaCommand =
  | {
      type: 'open';
      /** URL of the binding's entry. */
      binding: string;
      /** What it reaches a GPU by, or false for the processor. */
      backend: GpuBackend | false;
      /** GGUF files, absolute paths. Without a draft nothing can be decoded speculatively. */
      target: string;
      draft: string | null;
      positions: number;
      /** Ids from the vocabulary's size up to the rows only pad the head: never drawn. */
      vocabularySize: number;
      rows: number;
    }
  | LlamaDecode;

export type LlamaDecode = {
  type: 'decode';
  threads: number;
  prompt: number[];
  tokens: number;
  temperature: number;
  topP: number;
  seed: number;
  /** Drafts a round, or null for plain decoding. */
  lookahead: number | null;
};

export type LlamaReport =
  | {
      type: 'opened';
      release: string;
      /** Names of the GPUs that it found, if it looked for any. */
      gpus: string[];
    }
  | {
      type: 'decoded';
      tokens: number[];
      /** From the prompt to the last token. */
      ms: number;
      /** Drafts that turned out as what the target drew, and others that were looked at. */
      validated: number;
      refuted: number;
    }
  | { type: 'failed'; message: string };
