// Reads one sentence a line, writes its items as one line of JSON: see items.ts.
import { createInterface } from 'node:readline';
import { loadDictionary } from '../../../main/packs/text/dictionary';
import { itemsOf, READING } from './items';

const dictionary = await loadDictionary(READING.dictionary);
let lines: string[] = [];
for await (const text of createInterface({ input: process.stdin })) {
  lines.push(JSON.stringify(itemsOf(text, dictionary)));
  if (lines.length === 1000) {
    process.stdout.write(`${lines.join('\n')}\n`);
    lines = [];
  }
}
if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
