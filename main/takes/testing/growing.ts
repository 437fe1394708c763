import { writeSync } from 'node:fs';
import { openTakes } from '../store';
import { exampleDraft, exampleRound, rampSample, SAMPLES_PER_FRAME } from './examples';

// Generates a take for ever, as fast as the disk takes it; tells the samples written after each
// append, and is meant to be killed.
const store = await openTakes(process.argv[2], { refreshMs: 20 });
const recorder = await store.begin(exampleDraft());
for (let written = 0, round = 0; ; round++) {
  const samples = new Float32Array(SAMPLES_PER_FRAME * (1 + (round % 7)));
  for (let i = 0; i < samples.length; i++) samples[i] = rampSample(written + i);
  await recorder.rounds([exampleRound(written / SAMPLES_PER_FRAME, 2)]);
  await recorder.audio(samples);
  written += samples.length;
  recorder.progress(
    { ...recorder.take.counters, rounds: round },
    written / SAMPLES_PER_FRAME,
    round,
    1,
  );
  writeSync(1, `${written}\n`);
}
