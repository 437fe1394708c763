import type { Counters } from '../../contract/counters';
import { toFailure } from '../../contract/failure';
import type { Round } from '../../contract/rounds';
import type { Piece, Take, TakeStatus } from '../../contract/take';
import type { GrowingWav } from '../audio/growing-wav';
import type { RoundsFile } from './rounds-file';
import type { TakeFile } from './take-file';
import { framesOf } from './take-folder';

/** What a recorder writes to. */
export type RecorderFiles = { take: TakeFile; wav: GrowingWav; rounds: RoundsFile };

/**
 * Writes a take while it is generated. Sound and rounds are with the system when their promises
 * resolve, so that a killed process loses none of them; `take.json` follows at most once in
 * `refreshMs`, and then everything is synced to the disk.
 */
export class TakeRecorder {
  #refresh: NodeJS.Timeout | null = null;
  /** The first thing that could not be written, as a sentence. */
  #lost: string | null = null;
  #ended: Promise<Take> | null = null;

  constructor(
    private readonly files: RecorderFiles,
    private readonly refreshMs: number,
    /** Called once, after the take has ended. */
    private readonly onEnd: () => void,
  ) {}

  /** As it stands now. */
  get take(): Take {
    return this.files.take.take;
  }

  /**
   * Appends mono samples at the pack's rate. Rejects with a `FailureError` of kind `storage` when
   * they could not be written; then nothing later can be, and the take should end.
   */
  audio(samples: Float32Array): Promise<void> {
    return this.#written(this.files.wav.append(samples));
  }

  /** Appends rounds; rejects as `audio` does. */
  rounds(rounds: Round[]): Promise<void> {
    return this.#written(this.files.rounds.append(rounds));
  }

  piece(piece: Piece): void {
    this.#change({ pieces: [...this.take.pieces, piece] });
  }

  progress(counters: Counters, frames: number, wallMs: number, firstSoundMs: number | null): void {
    this.#change({ counters, frames, wallMs, firstSoundMs });
  }

  plainSpeed(plainTokensPerSecond: number): void {
    this.#change({ plainTokensPerSecond });
  }

  notice(message: string): void {
    this.#change({ notices: [...this.take.notices, message] });
  }

  /**
   * Ends the take with a status other than `generating` and closes its files. Never rejects for
   * want of room or rights: the take then has failed, says why, and keeps the sound it has.
   * A second call returns the first one's take.
   */
  end(status: Exclude<TakeStatus, 'generating'>, problem: string | null): Promise<Take> {
    this.#ended ??= this.#end(status, problem);
    return this.#ended;
  }

  async #end(status: Exclude<TakeStatus, 'generating'>, problem: string | null): Promise<Take> {
    if (this.#refresh) clearTimeout(this.#refresh);
    const { take, wav, rounds } = this.files;
    await Promise.all([this.#attempt(wav.close()), this.#attempt(rounds.close())]);
    // Only a take that ran to its end is sure to have sound for every frame it counted.
    const whole = status === 'finished' && !this.#lost;
    const frames = whole ? take.take.frames : framesOf(wav.samples, take.take.pack);
    take.take = { ...take.take, frames, ...this.#outcome(status, problem) };
    await this.#attempt(take.save());
    take.take = { ...take.take, ...this.#outcome(status, problem) };
    this.onEnd();
    return take.take;
  }

  #outcome(status: TakeStatus, problem: string | null): Pick<Take, 'status' | 'problem'> {
    if (!this.#lost) return { status, problem };
    return { status: 'failed', problem: problem ?? this.#lost };
  }

  #change(change: Partial<Take>): void {
    const { take } = this.files;
    take.take = { ...take.take, ...change };
    if (this.#ended) return;
    this.#refresh ??= setTimeout(() => {
      this.#refresh = null;
      void this.#sync();
    }, this.refreshMs).unref();
  }

  async #sync(): Promise<void> {
    const { take, wav, rounds } = this.files;
    await Promise.all([this.#attempt(wav.sync()), this.#attempt(rounds.sync())]);
    // A later save makes up for one that failed; the last one counts.
    await take.save().catch(() => undefined);
  }

  /** A failure is remembered for the take's end. */
  async #attempt(writing: Promise<void>): Promise<void> {
    await this.#written(writing).catch(() => undefined);
  }

  async #written(writing: Promise<void>): Promise<void> {
    try {
      await writing;
    } catch (error) {
      this.#lost ??= toFailure(error).message;
      throw error;
    }
  }
}
