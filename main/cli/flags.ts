import { parseArgs } from 'node:util';
import { z } from 'zod';
import { FailureError } from '../../contract/failure';
import { shortened } from '../../contract/sentence';
import { SpeakSettings } from '../../contract/settings';
import { CODEC_PLACES, DEVICE_CHOICES } from '../inference/messages';

export const USAGE = `npm run --silent speak -- --text "…" [options]

  --text TEXT            what to say
  --text-file FILE       what to say, from a UTF-8 file
  --take FILE            makes a take again: its text and settings, from its take.json
  --voice NAME           one of the pack's voices (its first)
  --pace NAME            one of the pack's paces, where it has several (its usual one)
  --method METHOD        plain, exact or pcg (pcg)
  --theta NUMBER         threshold of the groups, from the pack's floor to 1 (the pack's)
  --lookahead K          tokens drafted a round: 1 to 8, or adaptive, which chooses it for each
                         round by how many drafts are kept (adaptive)
  --temperature NUMBER   0 is greedy, at most 2 (the pack's)
  --top-p NUMBER         over 0, at most 1 (the pack's)
  --top-k NUMBER         0 keeps all (0)
  --repetition-penalty N 1 to 2 (1)
  --seed NUMBER          0 to 4294967295 (0)
  --out FILE             where to write the WAV file, 16 bit; replaces a file that is there
  --pack FOLDER          a voice pack (models/default)
  --device DEVICE        auto, cuda, webgpu, coreml, dml or cpu (auto)
  --codec PLACE          inside the process that decodes, apart in its own, or auto: apart beside
                         a GPU (auto)
  --json                 print everything measured as JSON
  --help                 this text`;

const OPTIONS = {
  text: { type: 'string' },
  'text-file': { type: 'string' },
  take: { type: 'string' },
  voice: { type: 'string' },
  pace: { type: 'string' },
  method: { type: 'string' },
  theta: { type: 'string' },
  lookahead: { type: 'string' },
  temperature: { type: 'string' },
  'top-p': { type: 'string' },
  'top-k': { type: 'string' },
  'repetition-penalty': { type: 'string' },
  seed: { type: 'string' },
  out: { type: 'string' },
  pack: { type: 'string' },
  device: { type: 'string' },
  codec: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Each setting's flag, and whether it is a number. */
const SETTING_FLAGS = {
  voice: { flag: 'voice', number: false },
  pace: { flag: 'pace', number: false },
  method: { flag: 'method', number: false },
  theta: { flag: 'theta', number: true },
  lookahead: { flag: 'lookahead', number: true },
  temperature: { flag: 'temperature', number: true },
  topP: { flag: 'top-p', number: true },
  topK: { flag: 'top-k', number: true },
  repetitionPenalty: { flag: 'repetition-penalty', number: true },
  seed: { flag: 'seed', number: true },
} as const satisfies Record<keyof SpeakSettings, { flag: keyof typeof OPTIONS; number: boolean }>;

const CodecPlace = z.enum(CODEC_PLACES);
const Device = z.enum(DEVICE_CHOICES);

export type SpeakFlags = {
  text: string | null;
  textFile: string | null;
  /** The `take.json` of a take to make again. */
  take: string | null;
  /** What was given; the take or the pack fills in the rest. */
  settings: Partial<SpeakSettings>;
  out: string | null;
  pack: string | null;
  device: z.infer<typeof Device>;
  codec: z.infer<typeof CodecPlace>;
  json: boolean;
  help: boolean;
};

/** Reads a command line. Throws a `usage` failure that names the flag and what it takes. */
export function parseFlags(args: string[]): SpeakFlags {
  const values = parse(args);
  const settings: Record<string, unknown> = {};
  for (const [setting, { flag, number }] of Object.entries(SETTING_FLAGS)) {
    const given = values[flag];
    if (given === undefined) continue;
    const schema: z.ZodType = SpeakSettings.shape[setting as keyof SpeakSettings];
    const value = number && given !== 'adaptive' ? numberOf(given) : given;
    settings[setting] = check(schema, value, flag, given);
  }
  const flags = {
    text: values.text ?? null,
    textFile: values['text-file'] ?? null,
    take: values.take ?? null,
    settings: settings as Partial<SpeakSettings>,
    out: outOf(values.out),
    pack: values.pack ?? null,
    device: check(Device, values.device ?? 'auto', 'device', values.device),
    codec: check(CodecPlace, values.codec ?? 'auto', 'codec', values.codec),
    json: values.json ?? false,
    help: values.help ?? false,
  };
  const sources = [flags.text, flags.textFile, flags.take].filter((source) => source !== null);
  if (!flags.help && sources.length !== 1) {
    throw new FailureError(
      'usage',
      'Say what to speak with one of --text, --text-file and --take.',
    );
  }
  return flags;
}

function numberOf(given: string): number {
  return given.trim() === '' ? Number.NaN : Number(given);
}

function outOf(given: string | undefined): string | null {
  if (given === '') throw new FailureError('usage', '--out needs the name of a file.');
  return given ?? null;
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, strict: true }).values;
  } catch (error) {
    // Node adds advice on further lines that does not fit every case.
    const [reason] = (error as Error).message.split(/\.\s|\n/);
    const dashed = reason.match(/^Option '(--[a-z-]+).*ambiguous/);
    if (dashed) {
      throw new FailureError('usage', `${dashed[1]} needs a value: write ${dashed[1]}=VALUE.`);
    }
    throw new FailureError('usage', `${reason.replace(/\.$/, '')}: see --help.`);
  }
}

function check<T>(schema: z.ZodType<T>, value: unknown, flag: string, given?: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const what = issue.message.replace(/^(Invalid option|Invalid input|Too small|Too big): /, '');
  throw new FailureError('usage', `--${flag} ${shortened(given ?? '', 60)} does not do: ${what}.`);
}
