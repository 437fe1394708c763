import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import wavefile from 'wavefile';
import { toFailure } from '../../contract/failure';
import { cepstra, DIMENSIONS, HOP_SECONDS } from '../alignment/cepstra';
import { type Speech, speakWithFlite, type TimedWord, wordsOfSpeech } from '../alignment/flite';
import { type LabelledFrames, learnPhoneModels } from '../alignment/phone-models';
import { DICTIONARY, loadDictionary } from '../packs/text/dictionary';
import { fail } from './exit';

const USAGE = `npm run phone-models -- --sentences FILE --models FILE --spoken FOLDER

Learns from flite how phones sound, by which words are found in takes, and
writes ten other sentences with the times of their words, by which that is tested.

  --sentences FILE  English sentences, one a line
  --models FILE     where the models go
  --spoken FOLDER   where the ten sentences go
  --help            this text`;

const VOICES = ['slt', 'rms', 'awb', 'kal16'];
const SENTENCES_A_VOICE = 150;
const SPOKEN = 10;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sentences: { type: 'string' },
      models: { type: 'string' },
      spoken: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const { sentences, models, spoken } = values;
  if (!sentences || !models || !spoken) {
    fail('usage', 'Name what to read and write: run with --help to see the options.');
  }
  const lines = (await readFile(sentences, 'utf8')).trim().split('\n');
  const learnt = SENTENCES_A_VOICE * VOICES.length;
  if (lines.length < 2 * SPOKEN + learnt) {
    fail('usage', `${sentences} needs ${2 * SPOKEN + learnt} sentences at least.`);
  }
  const examples: LabelledFrames[] = [];
  for (const [i, line] of lines.slice(0, learnt).entries()) {
    examples.push(...labelled(await speakWithFlite(line, VOICES[i % VOICES.length])));
  }
  await writeFile(models, JSON.stringify(learnPhoneModels(examples)));
  await writeSpoken(spoken, lines.slice(learnt));
}

function labelled({ samples, sampleRate, phones }: Speech): LabelledFrames[] {
  const features = cepstra(samples, sampleRate);
  const frames = features.length / DIMENSIONS;
  let from = 0;
  return phones.flatMap(({ phone, end }) => {
    const to = Math.min(frames, Math.round(end / HOP_SECONDS));
    const example = { phone, features, from, to };
    from = to;
    return example.to > example.from ? [example] : [];
  });
}

/** Sentences that flite reads phone by phone as the dictionary does: no doubt where a word ends. */
async function writeSpoken(folder: string, lines: string[]): Promise<void> {
  const dictionary = await loadDictionary(DICTIONARY);
  await mkdir(folder, { recursive: true });
  const spoken: {
    file: string;
    voice: string;
    text: string;
    words: TimedWord[];
  }[] = [];
  for (const line of lines) {
    if (spoken.length === SPOKEN) break;
    const voice = VOICES[spoken.length % VOICES.length];
    const speech = await speakWithFlite(line, voice);
    const words = wordsOfSpeech(line, speech, (word) => dictionary(word) ?? []);
    if (!words) continue;
    const file = `${spoken.length}.wav`;
    const wav = new wavefile.WaveFile();
    const integers = Int16Array.from(speech.samples, (sample) => Math.round(sample * 2 ** 15));
    wav.fromScratch(1, speech.sampleRate, '16', integers);
    // Half the size, and its noise is far below what tells phones apart.
    wav.toMuLaw();
    await writeFile(join(folder, file), wav.toBuffer());
    spoken.push({ file, voice, text: line, words });
  }
  if (spoken.length < SPOKEN) fail('usage', `Only ${spoken.length} sentences could be used.`);
  await writeFile(join(folder, 'words.json'), `${JSON.stringify(spoken, null, 1)}\n`);
}

await main().catch((error) => {
  const failure = toFailure(error);
  fail(failure.kind, failure.message);
});
