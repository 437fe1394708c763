import { create } from 'zustand';
import { DEFAULT_PREFERENCES, type Preferences } from '../../contract/preferences';
import { MAX_TEXT_LENGTH } from '../../contract/settings';
import { call } from '../bridge';
import { notify } from '../notices/notices';

/** What the window remembers, the script and its settings included. */
export const usePreferences = create<Preferences>()(() => DEFAULT_PREFERENCES);

const SAVE_AFTER_MS = 400;
let unsaved: Partial<Preferences> = {};
let timer: ReturnType<typeof setTimeout> | undefined;

/** Changes preferences now and stores them a moment later. */
export function remember(part: Partial<Preferences>): void {
  usePreferences.setState(part);
  unsaved = { ...unsaved, ...part };
  clearTimeout(timer);
  timer = setTimeout(saveNow, SAVE_AFTER_MS);
}

/** Stores what `remember` still holds back. */
export function saveNow(): void {
  clearTimeout(timer);
  if (Object.keys(unsaved).length === 0) return;
  const part = unsaved;
  unsaved = {};
  // A text over the limit cannot be generated either; as much of it as fits is kept.
  if (part.text !== undefined) part.text = part.text.slice(0, MAX_TEXT_LENGTH);
  call('setPreferences', part).catch(notify);
}
