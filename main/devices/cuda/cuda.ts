import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CudaState } from '../../../contract/cuda';
import { FailureError, toFailure } from '../../../contract/failure';
import { CUDA_FOLDER } from '../../inference/messages';
import { packagedFile } from '../../inference/packaged-library';
import { cudaHome, folderFor } from './folder';
import { PackageIndex } from './package-index';
import { downloadBytes, installedBytes, type Wheel, wheelsHere } from './wheels';

/** Files of ONNX Runtime that the program carries: on Windows its library needs others beside it. */
async function runtimeFiles(): Promise<string[]> {
  const file = packagedFile();
  if (process.platform !== 'win32') return [file];
  const folder = dirname(file);
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith('.dll')).map((name) => join(folder, name));
}

export type CudaOptions = {
  home?: string;
  wheels?: readonly Wheel[] | null;
  runtime?: () => Promise<readonly string[]>;
  openIndex?: () => PackageIndex;
  onState?: (state: CudaState) => void;
};

/** The libraries for CUDA of this user: fetches and removes them when it is asked to, and tells how that gets on. */
export class Cuda {
  private readonly home: string;
  private readonly wheels: readonly Wheel[] | null;
  private readonly runtime: () => Promise<readonly string[]>;
  private readonly openIndex: () => PackageIndex;
  private readonly onState: (state: CudaState) => void;
  private fetching: { host: string; fraction: number; stop: AbortController } | null = null;
  private problem: string | null = null;

  constructor(options: CudaOptions = {}) {
    this.home = options.home ?? cudaHome();
    this.wheels = options.wheels === undefined ? wheelsHere() : options.wheels;
    this.runtime = options.runtime ?? runtimeFiles;
    this.openIndex = options.openIndex ?? (() => new PackageIndex());
    this.onState = options.onState ?? (() => undefined);
  }

  get state(): CudaState {
    const { wheels, fetching, problem } = this;
    if (wheels === null) return { status: 'unsupported' };
    if (fetching) {
      const { host, fraction } = fetching;
      return { status: 'fetching', host, fraction };
    }
    const sizes = { installedBytes: installedBytes(wheels), problem };
    const folder = folderFor(wheels, this.home);
    if (existsSync(folder)) {
      return { status: 'present', ...sizes, isOffered: process.env[CUDA_FOLDER] === folder };
    }
    return { status: 'absent', host: this.host, downloadBytes: downloadBytes(wheels), ...sizes };
  }

  /** Fetches what is not there yet, and returns the folder. Throws a `FailureError`, as `install` does. */
  async fetch(): Promise<string> {
    const { home, wheels } = this;
    if (wheels === null) {
      const message = 'CUDA is for Linux and Windows on x64 processors with a GPU by NVIDIA.';
      throw new FailureError('usage', message);
    }
    this.refuseWhileFetching();
    const stop = new AbortController();
    try {
      const index = this.openIndex();
      this.tell({ host: index.host, fraction: 0, stop });
      // What unpacks wheels is not needed before.
      const { install } = await import('./install');
      const total = downloadBytes(wheels);
      const folder = await install({
        home,
        wheels,
        runtime: await this.runtime(),
        index,
        signal: stop.signal,
        onBytes: (bytes) => this.progress(bytes / total),
      });
      this.end(null);
      return folder;
    } catch (error) {
      const failure = toFailure(error);
      this.end(failure.kind === 'cancelled' ? null : failure.message);
      throw error;
    }
  }

  /** Ends a fetch; what is there is kept for the next one. */
  cancel(): void {
    this.fetching?.stop.abort();
  }

  /** Takes the libraries away. Throws a `FailureError`. */
  async remove(): Promise<void> {
    this.refuseWhileFetching();
    try {
      const { uninstall } = await import('./install');
      await uninstall(this.home);
      this.end(null);
    } catch (error) {
      this.end(toFailure(error).message);
      throw error;
    }
  }

  private refuseWhileFetching(): void {
    if (!this.fetching) return;
    throw new FailureError(
      'usage',
      'The libraries for CUDA are being fetched: let that end first.',
    );
  }

  private get host(): string {
    try {
      return this.openIndex().host;
    } catch {
      // Said when it is asked for.
      return 'PIP_INDEX_URL';
    }
  }

  /** Told by whole hundredths. */
  private progress(fraction: number): void {
    const { fetching } = this;
    if (!fetching || Math.floor(100 * fraction) === Math.floor(100 * fetching.fraction)) return;
    this.tell({ ...fetching, fraction });
  }

  private end(problem: string | null): void {
    this.problem = problem;
    this.tell(null);
  }

  private tell(fetching: Cuda['fetching']): void {
    this.fetching = fetching;
    this.onState(this.state);
  }
}
