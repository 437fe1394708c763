import { useEffect } from 'react';
import type { CudaState } from '../../contract/cuda';
import { Button } from '../controls/Button';
import { cancelCuda, fetchCuda, refreshCuda, removeCuda, useCuda } from '../engine/cuda';
import styles from './status.module.css';

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

/** The libraries that GPUs by NVIDIA need: fetched and removed when the user asks for it, and never else. */
export function CudaLibraries() {
  const state = useCuda((cuda) => cuda.state);
  useEffect(() => void refreshCuda(), []);
  if (state === null || state.status === 'unsupported') return null;
  return (
    <>
      <h3 className={styles.heading}>CUDA, for GPUs by NVIDIA</h3>
      <div className={styles.cuda}>
        <p role="status">{showCuda(state)}</p>
        <CudaButton state={state} />
      </div>
      {'problem' in state && state.problem !== null && (
        <p className={styles.problem} role="alert">
          {state.problem}
        </p>
      )}
    </>
  );
}

type Shown = Exclude<CudaState, { status: 'unsupported' }>;

function showCuda(state: Shown): string {
  switch (state.status) {
    case 'absent': {
      const { host, downloadBytes, installedBytes } = state;
      return `Not here. ${megabytes(downloadBytes)} from ${host}, ${megabytes(installedBytes)} on the disk.`;
    }
    case 'fetching':
      return `Fetching from ${state.host}: ${Math.floor(100 * state.fraction)} %`;
    case 'present': {
      const here = `Here, ${megabytes(state.installedBytes)} on the disk.`;
      return state.isOffered ? here : `${here} Timbrel looks for them at its next start.`;
    }
  }
}

function CudaButton({ state }: { state: Shown }) {
  switch (state.status) {
    case 'absent':
      return (
        <Button
          name="Fetch CUDA"
          tooltip={`Fetches ONNX Runtime’s provider for CUDA from ${state.host}, and NVIDIA’s libraries, which are under NVIDIA’s licence. They are used from the next start on.`}
          shortcut="Alt+KeyC"
          onPress={() => void fetchCuda()}
        />
      );
    case 'fetching':
      return (
        <Button
          name="Cancel fetching CUDA"
          tooltip="Ends the download. What is there is kept, and the next one goes on from it."
          shortcut="Alt+KeyC"
          onPress={() => void cancelCuda()}
        >
          Cancel
        </Button>
      );
    case 'present':
      return (
        <Button
          name="Remove CUDA"
          tooltip="Takes the libraries for CUDA off the disk."
          shortcut="Alt+KeyC"
          onPress={() => void removeCuda()}
        />
      );
  }
}
