import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FailureError } from '../../contract/failure';
import { Project } from '../../contract/project';
import { readLines } from './import/import-lines';
import { readProject } from './project-file';
import { exampleProject } from './testing/examples';

const MUTANTS = 200;

const SEEDS = {
  timbrel: JSON.stringify(exampleProject(3, { pronunciations: [{ word: 'Nguyen', as: 'win' }] })),
  csv: 'text,voice,seed\n"Rice, ""white"".",slt,7\nRound bowls.,,\n',
  srt: '1\n00:00:01,000 --> 00:00:02,500\n<i>Rice</i> is good.\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo\nrows.\n',
} as const;

/** What is put into a file: brackets, marks and keys that parsers trip over, and anything at all. */
const piece = fc.oneof(
  fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    ',',
    ':',
    '\n',
    '\r',
    '\0',
    '\u001b[31m',
    '\u202e',
    '-->',
    ';',
    '"__proto__":{"polluted":true},',
    '"lines":[],',
    '"lines":[{}],',
    '1e999',
    'null',
    '\ufeff',
    '\ud800',
    '=1+1',
    '"'.repeat(50),
    '['.repeat(5000),
    'x'.repeat(30_000),
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', ' ', 'a', '1'),
);
const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), gone: fc.nat(3), piece });

function mutants(seed: string): string[] {
  const mutant = fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits) =>
    edits.reduce((text, { at, gone, piece }) => {
      const place = Math.floor(at * text.length);
      return text.slice(0, place) + piece + text.slice(place + gone);
    }, seed),
  );
  return fc.sample(mutant, { seed: 16, numRuns: MUTANTS });
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-mutants-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(Object.keys(SEEDS) as (keyof typeof SEEDS)[])('a mutated .%s file', (extension) => {
  it('is read, or refused in a sentence, and nothing else', async () => {
    const path = join(folder, `mutant.${extension}`);
    let read = 0;
    for (const mutant of mutants(SEEDS[extension])) {
      await writeFile(path, mutant);
      try {
        if (extension === 'timbrel') {
          const { pronunciations, lines } = (await readProject(path)).project;
          // What was read can be read again.
          Project.parse({
            schema: 1,
            pronunciations,
            lines: [...lines.values()].map((line) => JSON.parse(line)),
          });
          // It is what JSON means, and not only what the splitter saw.
          expect(Project.parse(JSON.parse(mutant)).lines).toHaveLength(lines.size);
        } else await readLines(path, ['slt']);
        read++;
      } catch (error) {
        expect(error).toBeInstanceOf(FailureError);
        expect((error as Error).message).toMatch(/^[^\p{Cc}\u202e]{1,300}$/u);
        if (extension === 'timbrel') {
          expect(() => Project.parse(JSON.parse(mutant))).toThrow();
        }
      }
    }
    expect('polluted' in {}).toBe(false);
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(MUTANTS);
  });
});
