import { basename } from 'node:path';
import { z } from 'zod';
import type { ExportSettings } from '../../contract/export';
import type { Take } from '../../contract/take';
import { readRegularFile } from '../disk/regular-file';
import { sidecarPath } from './file-name';
import type { InfoTags } from './wav';

/** How a file's sound was measured and changed on its way out; levels as in `ExportReport`. */
export type ExportMeasures = {
  sampleRate: number;
  bits: number;
  seconds: number;
  loudness: number | null;
  truePeak: number;
  /** What the samples were multiplied with, in dB. */
  gain: number;
};

/** INFO tags that tell how a take came about, in ASCII but for what its user typed. */
export function infoTagsOf(take: Take, version: string): InfoTags {
  return {
    INAM: take.name,
    ICMT: comment(take),
    ISFT: `Timbrel ${version}`.trim(),
    ICRD: take.createdAt.slice(0, 10),
  };
}

/** The JSON file beside an exported WAV file. */
export function sidecarOf(
  take: Take,
  settings: ExportSettings,
  measures: ExportMeasures,
  file: string,
  version: string,
): string {
  const sidecar = {
    schema: 1,
    software: { name: 'Timbrel', version },
    file,
    take,
    export: settings,
    measured: measures,
  };
  return `${JSON.stringify(sidecar, null, 2)}\n`;
}

/** Beyond that of a joined export of 10,000 lines. */
const MAX_SIDECAR_BYTES = 256 << 20;

const OwnSidecar = z.object({
  software: z.object({ name: z.literal('Timbrel') }),
  file: z.string(),
});

/** Whether what lies where the sidecar of the WAV file `path` would is one, and of that file. */
export async function hasOwnSidecar(path: string): Promise<boolean> {
  try {
    const bytes = await readRegularFile(sidecarPath(path), MAX_SIDECAR_BYTES);
    return OwnSidecar.parse(JSON.parse(bytes.toString())).file === basename(path);
  } catch {
    return false;
  }
}

function comment({ settings, pack }: Take): string {
  const speculation =
    settings.method === 'plain'
      ? []
      : [
          ...(settings.method === 'pcg' ? [`theta ${settings.theta}`] : []),
          `lookahead ${settings.lookahead}`,
        ];
  return [
    `seed ${settings.seed}`,
    `method ${settings.method}`,
    ...speculation,
    `temperature ${settings.temperature}`,
    `top-k ${settings.topK}`,
    `top-p ${settings.topP}`,
    `repetition penalty ${settings.repetitionPenalty}`,
    `voice ${settings.voice}`,
    `pack ${pack.id} ${pack.sha256}`,
  ].join('; ');
}
