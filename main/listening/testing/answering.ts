import { writeSync } from 'node:fs';
import { ListeningTests } from '../listening-tests';
import { exactAndPcg, exampleSource } from './example-source';

// Answers 200 trials as fast as the disk takes them and tells the number of each answer that was
// kept; is meant to be killed.
const { source, add } = exampleSource();
const rows = [exactAndPcg.map((settings) => add('One.', settings).id)];
const tests = await ListeningTests.open(process.argv[2], source);
const { id } = await tests.create({ kind: 'cmos', trials: 200, source: { from: 'takes', rows } });
for (let trial = 0; trial < 200; trial++) {
  await tests.answer(id, trial, { kind: 'cmos', score: (trial % 7) - 3 }, [1, 1]);
  writeSync(1, `${trial}\n`);
}
