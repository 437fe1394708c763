import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { noCounts } from '../../main/decoding/counters';
import type { DecoderGraph, SpeakResult } from '../../main/inference/messages';
import type { DecoderPack } from '../../main/inference/models';
import { readGraph } from '../suite/weights';
import { ggufOf } from './convert';
import { installLlama } from './install';
import type { LlamaCommand, LlamaDecode, LlamaReport } from './messages';

export type LlamaSource = {
  pack: DecoderPack;
  /** Names the converted files: other weights have another. */
  name: string;
  /** Rows of the embedding. */
  rows: number;
  /** Whether drafting is of use: not with random weights. */
  drafts: boolean;
};

/** llama.cpp with a pack's own weights, on the processor or on a GPU, in a process of its own. */
export class Llama {
  /** Of llama.cpp. */
  release = '';
  /** Names of the GPUs that it found, if it runs on one. */
  gpus: string[] = [];
  private readonly child: ChildProcess;
  private readonly ended: Promise<never>;

  private constructor(entry: string) {
    // What it says aloud beside its reports helps nobody.
    this.child = fork(entry, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    this.ended = once(this.child, 'exit').then(() => {
      throw new Error('its process ended.');
    });
    this.ended.catch(() => undefined);
  }

  /**
   * Converts the weights and opens them. `folder` keeps what was fetched and converted, `entries` is
   * where the built entries lie. Throws an `Error` with a sentence.
   */
  static async open(
    source: LlamaSource,
    onGpu: boolean,
    folder: string,
    entries: string,
  ): Promise<Llama> {
    const { pack, name, rows, drafts } = source;
    const { binding, backend } = await installLlama(join(folder, 'llama'), onGpu);
    const target = await converted(pack.target, join(folder, `${name}-target.gguf`));
    const draft = drafts ? await converted(pack.draft, join(folder, `${name}-draft.gguf`)) : null;
    const llama = new Llama(join(entries, 'llama.js'));
    const { vocabularySize } = pack;
    const positions = pack.target.maxLength;
    try {
      const report = await llama.ask({
        type: 'open',
        binding,
        backend,
        target,
        draft,
        positions,
        vocabularySize,
        rows,
      });
      if (report.type !== 'opened') throw new Error('llama.cpp did not open.');
      llama.release = report.release;
      llama.gpus = report.gpus;
      return llama;
    } catch (error) {
      llama.close();
      throw error;
    }
  }

  async tokens(command: Omit<LlamaDecode, 'type'>): Promise<number[]> {
    return (await this.decoded(command)).tokens;
  }

  /** As a run of ours is told, without a codec. */
  async decode(command: Omit<LlamaDecode, 'type'>): Promise<SpeakResult> {
    const { tokens, ms, validated, refuted } = await this.decoded(command);
    const counters = {
      ...noCounts(),
      drafted: validated + refuted,
      accepted: validated,
      rejected: refuted,
      committed: tokens.length,
      targetCalls: tokens.length - validated,
    };
    return {
      cancelled: false,
      counters,
      frames: tokens.length,
      wallMs: ms,
      firstSoundMs: null,
      plainTokensPerSecond: null,
      targetMs: ms,
      draftMs: 0,
      codecMs: 0,
    };
  }

  close(): void {
    this.child.kill();
  }

  private async decoded(command: Omit<LlamaDecode, 'type'>) {
    const report = await this.ask({ type: 'decode', ...command });
    if (report.type !== 'decoded') throw new Error('llama.cpp did not decode.');
    return report;
  }

  /** One command at a time: each is answered by one report. Throws what it failed of. */
  private async ask(command: LlamaCommand): Promise<LlamaReport> {
    const answer = once(this.child, 'message');
    this.child.send(command);
    const [report] = (await Promise.race([answer, this.ended])) as [LlamaReport];
    if (report.type === 'failed') throw new Error(report.message);
    return report;
  }
}

/** The decoder as GGUF, written once. */
async function converted(decoder: DecoderGraph, file: string): Promise<string> {
  if (await stat(file).catch(() => null)) return file;
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(`${file}.part`, ggufOf(await readGraph(decoder.file), decoder));
  await rename(`${file}.part`, file);
  return file;
}
