import { create } from 'zustand';
import type { Failure } from '../../contract/failure';
import { toFailure } from '../../contract/failure';
import { call } from '../bridge';

/** Where a search for an update stands; every step after the first is the user's word. */
export type Update =
  | { step: 'closed' }
  | { step: 'checking' }
  | { step: 'latest' }
  | { step: 'found'; version: string }
  | { step: 'downloading'; version: string; share: number }
  | { step: 'downloaded'; version: string }
  | { step: 'failed'; failure: Failure };

export const useUpdate = create<{ update: Update }>()(() => ({ update: { step: 'closed' } }));

const show = (update: Update) => useUpdate.setState({ update });
const shown = () => useUpdate.getState().update;

export async function checkForUpdate(): Promise<void> {
  show({ step: 'checking' });
  try {
    const found = await call('checkForUpdate');
    if (shown().step !== 'checking') return;
    show(found ? { step: 'found', version: found.version } : { step: 'latest' });
  } catch (error) {
    fail(error, 'checking');
  }
}

export async function downloadUpdate(version: string): Promise<void> {
  show({ step: 'downloading', version, share: 0 });
  try {
    await call('downloadUpdate');
    if (shown().step === 'downloading') show({ step: 'downloaded', version });
  } catch (error) {
    fail(error, 'downloading');
  }
}

export function updateProgress(share: number): void {
  const update = shown();
  if (update.step === 'downloading') show({ ...update, share });
}

export async function installUpdate(): Promise<void> {
  try {
    await call('installUpdate');
  } catch (error) {
    fail(error, 'downloaded');
  }
}

/** Closes the dialog; a download under way ends. */
export async function closeUpdate(): Promise<void> {
  const { step } = shown();
  show({ step: 'closed' });
  if (step === 'downloading') await call('cancelUpdate');
}

/** Says what failed, unless the user has closed the dialog meanwhile. */
function fail(error: unknown, during: Update['step']): void {
  if (shown().step === during) show({ step: 'failed', failure: toFailure(error) });
}
