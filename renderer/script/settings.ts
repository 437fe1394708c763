import type { PackSummary } from '../../contract/pack';
import type { Preferences } from '../../contract/preferences';
import type { SpeakSettings } from '../../contract/settings';
import { useEngine } from '../engine/engine';
import { remember, usePreferences } from '../preferences/preferences';

type Kept = Pick<Preferences, 'settings' | 'settingsByPack'>;

/**
 * The settings to speak with: those last chosen with this pack, else its own defaults. What says
 * nothing of a pack, such as the seed, is then as it was last chosen with any.
 */
export function settingsFor(pack: PackSummary, kept: Kept): SpeakSettings {
  const { voices, thetaFloor } = pack;
  const settings = kept.settingsByPack[pack.id] ?? firstSettings(pack, kept.settings);
  return {
    ...settings,
    // A later edition of the pack may have other voices and another floor.
    voice: hasVoice(pack, settings.voice) ? settings.voice : voices[0].name,
    ...(hasPace(pack, settings.pace) ? {} : { pace: undefined }),
    theta: Math.max(settings.theta, thetaFloor),
  };
}

function firstSettings(
  { defaults, voices }: PackSummary,
  last: SpeakSettings | null,
): SpeakSettings {
  return {
    voice: last?.voice ?? voices[0].name,
    method: last?.method ?? 'pcg',
    theta: defaults.theta,
    lookahead: 'adaptive',
    temperature: defaults.temperature,
    topK: last?.topK ?? 0,
    topP: defaults.topP,
    repetitionPenalty: last?.repetitionPenalty ?? 1,
    seed: last?.seed ?? 1,
  };
}

export function hasVoice({ voices }: PackSummary, name: string): boolean {
  return voices.some((voice) => voice.name === name);
}

/** The usual pace, which has no name, every pack has. */
function hasPace({ paces = [] }: PackSummary, name: string | undefined): boolean {
  return name === undefined || paces.includes(name);
}

/** Null until a pack was loaded once. */
export function useSettings(): SpeakSettings | null {
  const pack = useEngine((engine) => engine.pack);
  const settings = usePreferences((preferences) => preferences.settings);
  const settingsByPack = usePreferences((preferences) => preferences.settingsByPack);
  return pack && settingsFor(pack, { settings, settingsByPack });
}

export function currentSettings(): SpeakSettings | null {
  const { pack } = useEngine.getState();
  return pack && settingsFor(pack, usePreferences.getState());
}

export function changeSettings(part: Partial<SpeakSettings>): void {
  const { pack } = useEngine.getState();
  if (pack) keepSettings({ ...settingsFor(pack, usePreferences.getState()), ...part }, pack.id);
}

/** Remembers settings chosen with a pack, for it and as the last ones. */
export function keepSettings(settings: SpeakSettings, packId: string): void {
  const { settingsByPack } = usePreferences.getState();
  remember({ settings, settingsByPack: { ...settingsByPack, [packId]: settings } });
}

/** A seed from the system's generator, uniform over 32 bits. */
export function rollSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}
