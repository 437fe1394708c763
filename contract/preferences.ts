import { z } from 'zod';
import { ExportSettings } from './export';
import { DEFAULT_LINE_EXPORT, LineExportSettings } from './project';
import { MAX_TEXT_LENGTH, SpeakSettings } from './settings';

/** More packs than anybody has had. */
const MAX_PACKS = 1000;

/** What the window remembers between launches. */
export const Preferences = z.object({
  theme: z.enum(['system', 'dark', 'light']),
  /** `deviceId` of the sound output; empty is the system's default. */
  outputDevice: z.string().max(1000),
  text: z.string().max(MAX_TEXT_LENGTH),
  /** The last that were chosen, with whichever pack; null until then. */
  settings: SpeakSettings.nullable(),
  /** The last that were chosen with each pack, by its id. */
  settingsByPack: z
    .record(z.string().max(200), SpeakSettings)
    .refine((settings) => Object.keys(settings).length <= MAX_PACKS, 'too many packs'),
  seedPinned: z.boolean(),
  export: ExportSettings,
  lineExport: LineExportSettings,
});
export type Preferences = z.infer<typeof Preferences>;

export const DEFAULT_PREFERENCES: Preferences = {
  theme: 'system',
  outputDevice: '',
  text: '',
  settings: null,
  settingsByPack: {},
  seedPinned: false,
  export: { format: 'int16', sampleRate: 'native', loudness: null, truePeak: -1 },
  lineExport: DEFAULT_LINE_EXPORT,
};
