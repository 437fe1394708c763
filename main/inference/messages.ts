import type { Counters } from '../../contract/counters';
import type { DeviceReport } from '../../contract/engine';
import type { Failure } from '../../contract/failure';
import type { JobEvent } from '../../contract/job';
import type { Lookahead, Method } from '../../contract/settings';
import type { Piece } from '../../contract/take';
import { DEVICES, type Device } from './providers';

export type { Device };

/**
 * The environment variable that names the folder with ONNX Runtime, its provider for CUDA and what that links, for every
 * process that opens graphs.
 */
export const CUDA_FOLDER = 'TIMBREL_CUDA';

/** How a GPU is used: what its trial found to be right and the fastest. */
export type GpuUse = {
  /** Whether it computes in half precision, where the graphs can be changed so. */
  half: boolean;
  /** Whether it has its quantised matrices in blocks of 16 (`small-blocks.ts`). */
  smallBlocks: boolean;
  /** Whether it captures what a pass does and does it again, for each length of pass that decoding uses. */
  captured: boolean;
  /** Whether drafts are made on the CPU: a small model's steps may be shorter there than a call of the GPU. */
  draftsOnCpu: boolean;
};

/** The graphs as they are, all on the GPU. */
export const PLAIN_USE: GpuUse = {
  half: false,
  smallBlocks: false,
  captured: false,
  draftsOnCpu: false,
};

/** Where a graph lies, as absolute paths. */
export type GraphFile = {
  file: string;
  /** A copy for this processor whose weights are mapped (`mapped-copy.ts`), where there is one. */
  mapped?: string;
};

/** A decoder graph: all positions' logits, caches of fixed length, rollback by a smaller length. */
export type DecoderGraph = GraphFile & {
  layers: number;
  kvHeads: number;
  headDim: number;
  /** Positions the caches hold, prompt included. */
  maxLength: number;
  /** Names of inputs and outputs; `{layer}` stands for the layer's number. */
  names: {
    inputIds: string;
    seqlensK: string;
    totalSequenceLength: string;
    pastKey: string;
    pastValue: string;
    logits: string;
    presentKey: string;
    presentValue: string;
    /** The output [1, S, width] that a draft may read: what the head makes logits of. */
    hidden?: string;
    /** A draft's input [1, S, width]: at each position the hidden state of the one before. */
    features?: string;
  };
};

/** Frames around a chunk that make it equal to the same stretch of the whole. */
export type CodecContext = {
  before: number;
  /** The codec's look-ahead: sound lags behind the tokens by so many frames. */
  after: number;
};

/** What the inference process needs of a voice pack; every file was hashed before. */
export type EnginePack = {
  id: string;
  sampleRate: number;
  /** Acoustic tokens a second. */
  frameRate: number;
  /** Acoustic tokens are 0 … codebookSize − 1. */
  codebookSize: number;
  /** Logits a position: the codebook and what follows it. */
  vocabularySize: number;
  endOfSpeech: number;
  target: DecoderGraph;
  draft: DecoderGraph;
  /** How a GPU is to be used, if one is. */
  gpu?: GpuUse;
  codecDecoder: GraphFile & {
    tokens: string;
    audio: string;
    /** The input that takes the voice's token, of a codec that speaks for all voices. */
    voice?: string;
    contextFrames: CodecContext;
  };
  /** Neighbour table (decoding/neighbours.ts), absolute path. */
  neighbours: string;
  /** What takes are made with unless the user wants otherwise. */
  defaults: { temperature: number; lookahead: number; topP: number };
};

/** A pack's three graphs. */
export type PackGraphs = Pick<EnginePack, 'target' | 'draft' | 'codecDecoder'>;

/** What the codec alone needs of a pack. */
export type CodecPack = Pick<EnginePack, 'codecDecoder' | 'sampleRate' | 'frameRate'>;

export const DEVICE_CHOICES = ['auto', ...DEVICES] as const;

/** Which provider to run on: the best one present, or one by name. */
export type DeviceChoice = (typeof DEVICE_CHOICES)[number];

/**
 * Why a device is not to be used, in a sentence, or null; what a token is expected to take on it, and the use in which
 * it takes that: null where the trial ended before it knew, for the CPU was faster than the device can be.
 */
export type Verdict = { objection: string | null; tokenMs: number | null; use: GpuUse | null };

/** Of a device that cannot be used. */
export const refusal = (objection: string): Verdict => ({
  objection,
  tokenMs: null,
  use: PLAIN_USE,
});

/** To a process that tries a device. A `thorough` trial finds the fastest use whatever the CPU takes. */
export type DeviceTrialCommand = {
  type: 'device';
  pack: EnginePack;
  device: Device;
  thorough: boolean;
};

/** To a process that tries a pack whose graphs were never opened here. */
export type PackTrialCommand = {
  type: 'pack';
  pack: EnginePack;
  /** Absolute path of the pack, and the bytes of every file that its manifest lists. */
  folder: string;
  files: Record<string, number>;
  /** Tokens of its voices. */
  voices: number[];
  /** What the process may take. */
  memoryBytes: number;
};

/** To a process in which something is tried that may crash, hang or take all memory; one command each. */
export type TrialCommand = DeviceTrialCommand | PackTrialCommand;

/** And back: the verdict on a device, or which file of a pack is tried and at last how that went. */
export type TrialReport =
  | { type: 'verdict'; verdict: Verdict }
  | { type: 'trying'; file: string }
  | { type: 'tried'; failure: Failure | null };

/** To a process that makes mapped copies of graphs in a folder, and back. */
export type CopyCommand = { graphs: PackGraphs; folder: string };
export type CopyReport = { failure: Failure | null };

/** Whether the codec vocodes in the process that decodes, beside it in one of its own, or where that pays. */
export const CODEC_PLACES = ['auto', 'inside', 'apart'] as const;
export type CodecPlace = (typeof CODEC_PLACES)[number];

/** A stretch of text ready to decode. */
export type PromptPiece = {
  text: string;
  /** Token ids: text, voice, start of speech. */
  prompt: number[];
  /** The token of the voice, which the codec may want too. */
  voice: number;
  /** An estimate, for progress. */
  expectedFrames: number;
  /** Of silence before it, where the text asks for a pause there. */
  pauseFrames?: number;
};

export type SpeakRequest = {
  pieces: PromptPiece[];
  /** Frames of silence between two pieces where the text asks for no pause. */
  gapFrames: number;
  method: Method;
  theta: number;
  lookahead: Lookahead;
  /** To repeat a take: the lookaheads of each piece's rounds, which then count. */
  lookaheads?: readonly string[];
  temperature: number;
  topK: number;
  topP: number;
  repetitionPenalty: number;
  seed: number;
};

/** What decoding tells while it runs, in order. */
export type SpeakEvent =
  | Exclude<JobEvent, { type: 'started' | 'ended' }>
  | { type: 'piece'; piece: Piece };

/** How a speak request went. Times in milliseconds. */
export type SpeakResult = {
  cancelled: boolean;
  counters: Counters;
  /** Frames of sound, silences between pieces included. */
  frames: number;
  wallMs: number;
  firstSoundMs: number | null;
  /** Of plain decoding under the same load: the run's own, or what its probes came to. */
  plainTokensPerSecond: number | null;
  /** Where the time went; what is left of `wallMs` is the script's. */
  targetMs: number;
  draftMs: number;
  /** What decoding waited for the codec. */
  codecMs: number;
};

/** Main → inference process. `speak` and `vocode` come with the job's MessagePort. */
export type InferenceCommand =
  | { type: 'load'; pack: EnginePack; device: Device; codec: CodecPlace }
  | { type: 'speak'; request: SpeakRequest }
  /** Vocodes `tokens` at once, without context around them. */
  | { type: 'vocode'; tokens: number[]; voice: number }
  /** A port to a codec process, after `codecWanted`. */
  | { type: 'codec' }
  | { type: 'shutdown' };

/** Inference process → main, over its own port. */
export type InferenceReport =
  | { type: 'loaded'; device: DeviceReport }
  /** A device other than the CPU no longer works. */
  | { type: 'deviceLost'; message: string }
  /** The process's memory, once everything was measured. */
  | { type: 'tuned'; memoryBytes: number }
  /** Measured once it is loaded, while nothing is asked of it. */
  | { type: 'plainSpeed'; tokensPerSecond: number }
  | { type: 'codecWanted' }
  | { type: 'failed'; failure: Failure };

/** Inference process → main, over a job's port; `done` or `failed` is the last. */
export type JobReport =
  | SpeakEvent
  | { type: 'done'; result: SpeakResult }
  | { type: 'vocoded'; samples: Float32Array }
  /** The process turns: told every second from the command on, but not within a graph's pass. */
  | { type: 'pulse' }
  | { type: 'failed'; failure: Failure };

/** Main → inference process, over a job's port. */
export type JobCommand = { type: 'cancel' };

/** One end of an ordered pipe between two processes. */
export type Channel<Sent, Received> = {
  post(message: Sent): void;
  onMessage(listener: (message: Received) => void): void;
  /** The other end, or its process, is gone. Called once. */
  onClose(listener: () => void): void;
  /** Lets go of this end. */
  close(): void;
};

/** Inference process → codec process. Sound comes back in the order it was asked for. */
export type CodecCommand =
  | { type: 'open'; pack: CodecPack; threads: number }
  | { type: 'decode'; tokens: number[]; voice: number }
  | { type: 'shutdown' };

/** Codec process → inference process: one for each `decode`. */
export type CodecReport =
  | { type: 'decoded'; samples: Float32Array }
  | { type: 'failed'; failure: Failure };
