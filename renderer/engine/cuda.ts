import { create } from 'zustand';
import type { CudaState } from '../../contract/cuda';
import { call } from '../bridge';
import { notify } from '../notices/notices';

/** The libraries for NVIDIA's GPUs; null until they are asked about. */
export const useCuda = create<{ state: CudaState | null }>()(() => ({ state: null }));

export function cudaChanged(state: CudaState): void {
  useCuda.setState({ state });
}

/** Asks main how things stand. */
export const refreshCuda = () => attempt(async () => cudaChanged(await call('getCuda')));

export const fetchCuda = () => attempt(() => call('fetchCuda'));

export const cancelCuda = () => attempt(() => call('cancelCuda'));

export const removeCuda = () => attempt(() => call('removeCuda'));

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    notify(error as Error);
  }
}
