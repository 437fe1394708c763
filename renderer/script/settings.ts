import type { PackSummary } from '../../contract/pack';
import { MAX_LOOKAHEAD, type SpeakSettings } from '../../contract/settings';
import { useEngine } from '../engine/engine';
import { remember, usePreferences } from '../preferences/preferences';

/** Settings that this pack can follow: the remembered ones, or the pack's own defaults. */
export function settingsFor(pack: PackSummary, kept: SpeakSettings | null): SpeakSettings {
  const { defaults, voices, thetaFloor } = pack;
  const settings: SpeakSettings = kept ?? {
    voice: voices[0].name,
    method: 'pcg',
    theta: defaults.theta,
    lookahead: defaults.lookahead,
    temperature: defaults.temperature,
    topK: 0,
    topP: defaults.topP,
    repetitionPenalty: 1,
    seed: 1,
  };
  return {
    ...settings,
    // Another pack may have other voices and another floor.
    voice: voices.some(({ name }) => name === settings.voice) ? settings.voice : voices[0].name,
    theta: Math.max(settings.theta, thetaFloor),
    lookahead: Math.min(settings.lookahead, MAX_LOOKAHEAD),
  };
}

/** Null until a pack was loaded once. */
export function useSettings(): SpeakSettings | null {
  const pack = useEngine((engine) => engine.pack);
  const kept = usePreferences((preferences) => preferences.settings);
  return pack && settingsFor(pack, kept);
}

export function currentSettings(): SpeakSettings | null {
  const { pack } = useEngine.getState();
  return pack && settingsFor(pack, usePreferences.getState().settings);
}

export function changeSettings(part: Partial<SpeakSettings>): void {
  const settings = currentSettings();
  if (settings) remember({ settings: { ...settings, ...part } });
}

/** A seed from the system's generator, uniform over 32 bits. */
export function rollSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}
