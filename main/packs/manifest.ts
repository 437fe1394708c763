import { z } from 'zod';
import { ARPABET, LETTERS } from './text/dictionary';

/** Bounds that no honest pack comes near, so that a bad one is refused before it costs memory. */
const MAX_TOKENS = 1 << 20;
const MAX_FILE_BYTES = 16 * 2 ** 30;
/** Of what main reads whole. */
const MAX_NEIGHBOURS_BYTES = 256 * 2 ** 20;
const MAX_SAMPLE_BYTES = 16 * 2 ** 20;
const MAX_FILES = 2000;
const MAX_LENGTH = 1 << 17;

const sentence = z.string().trim().min(1).max(500);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = (max: number) => z.number().int().positive().max(max);
const token = z.number().int().nonnegative().max(MAX_TOKENS);
const tensorName = z.string().regex(/^[A-Za-z0-9_.:/]{1,100}$/);
const layerTensorName = z
  .string()
  .regex(/^[A-Za-z0-9_.:/]{0,100}\{layer\}[A-Za-z0-9_.:/]{0,100}$/, 'must contain {layer} once');

/** A plain name inside the pack's folder, of what every file system can hold. */
const fileName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/, 'must be a relative name')
  .refine((name) => name.split('/').every((part) => !part.endsWith('.')), 'must not end in a dot');

const Decoder = z.strictObject({
  file: fileName,
  layers: count(512),
  kvHeads: count(512),
  headDim: count(4096),
  /** Positions the graph's caches hold, prompt included: beyond it the graph fails. */
  maxLength: count(MAX_LENGTH),
  /** Positions the model was trained on, prompt included: beyond it the speech fails. */
  trainedLength: count(MAX_LENGTH),
  names: z.strictObject({
    inputIds: tensorName,
    seqlensK: tensorName,
    totalSequenceLength: tensorName,
    pastKey: layerTensorName,
    pastValue: layerTensorName,
    logits: tensorName,
    presentKey: layerTensorName,
    presentValue: layerTensorName,
    /** The output [1, S, width] that a draft may read: what the head makes logits of. */
    hidden: tensorName.optional(),
    /** A draft's input [1, S, width]: at each position the target's hidden state of the one before. */
    features: tensorName.optional(),
  }),
});

/** What a character becomes: at most a short run of printable ASCII. */
const Replacements = z.record(
  z.string().refine((key) => [...key].length === 1, 'must be one character'),
  z.string().regex(/^[ -~]{1,4}$/),
);

const Text = z.strictObject({
  frontEnd: z.literal('cmudict-arpabet'),
  /** One prompt token each: id = tokens.textBase + index. */
  symbols: z.array(z.string().min(1).max(8)).max(1000),
  dictionary: z.strictObject({ package: z.string().max(200), version: z.string().max(50) }),
  /** Characters outside the symbols and what they are read as: apostrophes, dashes, ligatures. */
  replacements: Replacements,
  /** Characters that are silent in speech (quotation marks, brackets) and dropped unmarked. */
  silent: z.string().max(200),
  /** A line break ends the sentence if the next line starts like one; a blank line always does. */
  lineBreak: z.literal('sentence-before-capital'),
  /** A hyphenated word is looked up whole, then part by part with the hyphen as a symbol. */
  hyphenated: z.literal('whole-then-parts'),
  /** A word that the dictionary lacks becomes its letters. */
  unknownWords: z.literal('letters'),
  /** A character that nothing above covers cannot be spoken, and the user is told. */
  otherCharacters: z.literal('unspeakable'),
  /** Expected frames of a piece: framesPerSymbol × symbols + framesPerPiece (its silences). */
  framesPerSymbol: z.number().positive().max(1000),
  framesPerPiece: z.number().nonnegative().max(10_000),
});

const Voice = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/),
  token,
  /** Its character in one line. */
  description: sentence,
  teacher: sentence,
  licence: sentence,
  /** A short WAV file. */
  sample: fileName,
});

const Pace = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/)
    .refine((name) => name !== 'usual', 'must not be the name of the pace without a token'),
  /** Behind the voice's in the prompt. */
  token,
  /** As fast as the usual pace by this factor, for what a text is expected to last. */
  rate: z.number().min(0.25).max(4),
});

const contextLength = z.number().int().nonnegative().max(10_000);

/** Frames around a chunk that make it equal to the same stretch of the whole; a number is both. */
const ContextFrames = z.union([
  contextLength.transform((frames) => ({ before: frames, after: frames })),
  z.strictObject({
    before: contextLength,
    /** The look-ahead: sound lags behind the tokens by so many frames. */
    after: contextLength,
  }),
]);

const Neighbours = z.strictObject({
  file: fileName,
  /** θ₀: the table holds every pair of tokens whose cosine is above it. */
  floor: z.number().min(-1).max(1),
  defaultTheta: z.number().min(0).max(1),
  /** The rows it was made from, which the pack need not carry. */
  madeFrom: z.strictObject({
    /** What they are of the model or the codec. */
    rows: sentence,
    precision: sentence,
    width: count(65_536),
    sha256,
  }),
});

const Shape = z.strictObject({
  schema: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  name: z.string().trim().min(1).max(100),
  /** Of the weights. */
  licence: sentence,
  sources: z
    .array(z.strictObject({ name: sentence, use: sentence, licence: sentence }))
    .min(1)
    .max(100),
  sampleRate: z.number().int().min(8000).max(192_000),
  /** Acoustic tokens a second. */
  frameRate: z.number().positive().max(1000),
  /** Acoustic tokens are 0 … codebookSize − 1. */
  codebookSize: count(MAX_TOKENS),
  tokens: z.strictObject({
    endOfSpeech: token,
    startOfSpeech: token,
    /** Id of the first text symbol. */
    textBase: token,
    /** Logits a position. */
    vocabularySize: count(MAX_TOKENS),
    /** Rows of the input embedding: every id of a prompt is below it. */
    embeddingRows: count(MAX_TOKENS),
  }),
  text: Text,
  /** What a prompt consists of, in order. */
  prompt: z.tuple([z.literal('text'), z.literal('voice'), z.literal('startOfSpeech')]),
  voices: z.array(Voice).min(1).max(1000),
  /** What it learnt to speak at beside its usual pace, which has no token. */
  paces: z.array(Pace).min(1).max(20).optional(),
  models: z.strictObject({
    target: Decoder,
    draft: Decoder,
    codecDecoder: z.strictObject({
      file: fileName,
      names: z.strictObject({
        tokens: tensorName,
        audio: tensorName,
        /** The input that takes the voice's token, int64 [1]: a codec may know its voices. */
        voice: tensorName.optional(),
      }),
      contextFrames: ContextFrames,
    }),
    /** Mono samples at the pack's rate to acoustic tokens; decoding does without it. */
    codecEncoder: z
      .strictObject({
        file: fileName,
        names: z.strictObject({ audio: tensorName, tokens: tensorName }),
      })
      .optional(),
  }),
  neighbours: Neighbours,
  /** How the weights are stored. */
  precision: sentence,
  defaults: z.strictObject({
    temperature: z.number().min(0).max(2),
    lookahead: z.number().int().min(1).max(8),
    topP: z.number().gt(0).max(1),
  }),
  /** What was measured on this pack, and with what. */
  measured: z
    .array(z.strictObject({ what: sentence, value: z.number(), with: sentence }))
    .max(100)
    .optional(),
  /** Every file of the pack but this one. */
  files: z.record(fileName, z.strictObject({ bytes: count(MAX_FILE_BYTES), sha256 })),
});

/** `pack.json`, schema 1: what a voice pack is and how to use it. */
export const Manifest = Shape.superRefine((pack, context) => {
  const refuse = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  const { tokens, text, voices, paces = [], models, neighbours, files } = pack;

  for (const [path, file] of referencedFiles(pack)) {
    if (!Object.hasOwn(files, file)) refuse(path, `names ${file}, which "files" does not list`);
  }
  const folded = Object.keys(files).map((file) => file.toLowerCase());
  if (new Set(folded).size < folded.length)
    refuse(['files'], 'holds names that differ by case only');
  if (folded.length > MAX_FILES) refuse(['files'], `holds more than ${MAX_FILES} names`);
  const refuseLarge = (path: (string | number)[], file: string, most: number) => {
    if (!Object.hasOwn(files, file) || files[file].bytes <= most) return;
    refuse(path, `names a file of more than ${most / 2 ** 20} MiB`);
  };
  refuseLarge(['neighbours', 'file'], neighbours.file, MAX_NEIGHBOURS_BYTES);
  voices.forEach(({ sample }, i) => {
    refuseLarge(['voices', i, 'sample'], sample, MAX_SAMPLE_BYTES);
  });
  if (folded.includes('pack.json')) refuse(['files'], 'must not list pack.json itself');

  if (new Set(text.symbols).size < text.symbols.length) {
    refuse(['text', 'symbols'], 'holds a symbol twice');
  }
  for (const symbol of [...ARPABET, ...LETTERS, "'", ' ', '.']) {
    if (!text.symbols.includes(symbol)) refuse(['text', 'symbols'], `lacks "${symbol}"`);
  }
  if (new Set(voices.map((voice) => voice.name)).size < voices.length) {
    refuse(['voices'], 'holds a name twice');
  }
  if (new Set(paces.map((pace) => pace.name)).size < paces.length) {
    refuse(['paces'], 'holds a name twice');
  }

  const { embeddingRows, vocabularySize } = tokens;
  if (tokens.endOfSpeech < pack.codebookSize || tokens.endOfSpeech >= vocabularySize) {
    refuse(['tokens', 'endOfSpeech'], 'must lie between the codebook and the vocabulary size');
  }
  if (tokens.textBase + text.symbols.length > embeddingRows) {
    refuse(['tokens', 'textBase'], 'puts text symbols beyond the embedding');
  }
  const prompted = [tokens.startOfSpeech, ...[...voices, ...paces].map(({ token }) => token)];
  if (prompted.some((id) => id >= embeddingRows) || pack.codebookSize > embeddingRows) {
    refuse(['tokens', 'embeddingRows'], 'must be above every token of a prompt');
  }
  for (const name of ['target', 'draft'] as const) {
    if (models[name].trainedLength > models[name].maxLength) {
      refuse(['models', name, 'trainedLength'], 'must not be above maxLength');
    }
  }
  if (models.target.names.features) {
    refuse(['models', 'target', 'names', 'features'], 'is for a draft alone');
  }
  if (models.draft.names.features) {
    for (const name of ['target', 'draft'] as const) {
      if (models[name].names.hidden) continue;
      refuse(['models', name, 'names', 'hidden'], 'is missing: the draft reads hidden states');
    }
  }
  if (symbolLimit(pack) < MIN_SYMBOL_LIMIT) {
    refuse(['models'], 'have too short a trained length to speak even a word');
  }
  if (neighbours.defaultTheta < neighbours.floor) {
    refuse(['neighbours', 'defaultTheta'], 'must not be under the floor');
  }
});
export type Manifest = z.infer<typeof Manifest>;

/** Speech may be slower than expected by this factor before a piece outgrows the training. */
const SAFETY = 1.2;
/** Voice and start of speech; a pack of several paces needs one more. */
const PROMPT_EXTRA = 2;
/** The longest words of the dictionary have some forty phones. */
const MIN_SYMBOL_LIMIT = 50;

/** Text symbols a piece may have, so that it and its speech stay within the trained length. */
export function symbolLimit({ text, models, paces }: z.infer<typeof Shape>): number {
  const length = Math.min(models.target.trainedLength, models.draft.trainedLength);
  // The slowest needs the most room.
  const slowness = 1 / Math.min(1, ...(paces ?? []).map(({ rate }) => rate));
  const frames = SAFETY * slowness;
  const room = length - PROMPT_EXTRA - (paces ? 1 : 0) - frames * text.framesPerPiece;
  return Math.floor(room / (1 + frames * text.framesPerSymbol));
}

type FileReference = [path: (string | number)[], file: string];

function referencedFiles({ models, neighbours, voices }: z.infer<typeof Shape>): FileReference[] {
  return [
    [['models', 'target', 'file'], models.target.file],
    [['models', 'draft', 'file'], models.draft.file],
    [['models', 'codecDecoder', 'file'], models.codecDecoder.file],
    ...(models.codecEncoder
      ? [[['models', 'codecEncoder', 'file'], models.codecEncoder.file] as FileReference]
      : []),
    [['neighbours', 'file'], neighbours.file],
    ...voices.map((voice, i): FileReference => [['voices', i, 'sample'], voice.sample]),
  ];
}
