import { sameSettings } from '../../contract/condition-names';
import type { SpeakSettings } from '../../contract/settings';
import type { Take } from '../../contract/take';
import type { StoredTest } from './stored-test';

/** Where a test gets its takes from. */
export type TakeSource = {
  /** All there are. */
  list(): Take[];
  /** The bytes of a take's WAV file. */
  readWav(take: string): Promise<Uint8Array>;
  /** A finished take; throws why there is none, or when aborted. */
  generate(text: string, settings: SpeakSettings, signal: AbortSignal): Promise<Take>;
  /** Of the pack that takes are generated with. */
  packSha256(): string;
};

/**
 * Finds or generates every take that a test is missing, one after the other, and keeps a copy of
 * its sound. What was placed stays placed when it is aborted or fails.
 */
export async function prepare(
  stored: StoredTest,
  source: TakeSource,
  signal: AbortSignal,
  onPlaced: () => void,
): Promise<void> {
  for (const { item, condition } of stored.missing) {
    if (signal.aborted) return;
    const { text, seed } = stored.test.items[item];
    const settings = { ...stored.test.conditions[condition].settings, seed };
    const take =
      reusable(stored, source, text, settings) ?? (await source.generate(text, settings, signal));
    await stored.keepSound(take.id, await source.readWav(take.id));
    await stored.place(item, condition, take.id);
    onPlaced();
  }
}

/** A take that was asked for in the same way, which this test does not play yet. */
function reusable(
  { test }: StoredTest,
  source: TakeSource,
  text: string,
  settings: SpeakSettings,
): Take | undefined {
  const used = new Set(test.items.flatMap(({ takes }) => takes));
  return source
    .list()
    .find(
      (take) =>
        take.text === text &&
        take.status === 'finished' &&
        take.frames > 0 &&
        take.pronunciations === undefined &&
        take.pack.sha256 === source.packSha256() &&
        sameSettings(take.settings, settings) &&
        !used.has(take.id),
    );
}
