import { writeSync } from 'node:fs';
import { ProjectStore } from '../store';
import { exampleLine, saveWhole } from './examples';

// Edits a project for ever, as fast as the disk takes it; tells the number of each state that is on
// the disk, and is meant to be killed.
const store = await ProjectStore.open(process.argv[2]);
writeSync(1, 'open\n');
for (let edit = store.project.lines.length; ; edit++) {
  const lines = [...store.project.lines, exampleLine(edit + 1)].slice(-400);
  const pronunciations = [{ word: 'edit', as: String(edit) }];
  await saveWhole(store, { schema: 1, pronunciations, lines });
  writeSync(1, `${edit}\n`);
}
