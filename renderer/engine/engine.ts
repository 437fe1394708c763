import { create } from 'zustand';
import type { EngineState } from '../../contract/engine';
import type { PackSummary } from '../../contract/pack';
import { call } from '../bridge';
import { notify } from '../notices/notices';

export type Engine = {
  version: string;
  /** Whether this copy of the app has a feed to look for updates in. */
  canUpdate: boolean;
  state: EngineState;
  /** The last pack that was ready: it stays in sight while the engine restarts. */
  pack: PackSummary | null;
};

export const useEngine = create<Engine>()(() => ({
  version: '',
  canUpdate: false,
  state: { status: 'loading', message: 'Starting' },
  pack: null,
}));

export function engineChanged(state: EngineState): void {
  useEngine.setState(state.status === 'ready' ? { state, pack: state.pack } : { state });
}

export async function restartEngine(): Promise<void> {
  engineChanged({ status: 'loading', message: 'Starting the engine again' });
  try {
    await call('restartEngine');
  } catch (error) {
    notify(error as Error);
  }
}
