import { expect, it } from 'vitest';
import { exportNames } from './export-names';
import { exampleLine } from './testing/examples';

const named = (...texts: string[]) =>
  texts.map((text, i) => ({ number: i + 1, line: exampleLine(i + 1, { text }) }));

it('fills every field, pads numbers by the project, and keeps a few words', () => {
  const lines = named('One, two; three: four five six seven.');
  expect(exportNames('{project} {number} {voice} {seed} - {text}', 'Play', lines, 120)).toEqual([
    'Play 001 slt 7 - One, two; three- four five six.wav',
  ]);
});

it('never gives one name twice, whatever their case', () => {
  expect(exportNames('{text}', 'Play', named('Yes.', 'YES!', 'No', 'yes'), 4)).toEqual([
    'Yes.wav',
    'YES (2).wav',
    'No.wav',
    'yes (3).wav',
  ]);
  expect(exportNames('all', 'Play', named('Yes.', 'No.'), 2)).toEqual(['all.wav', 'all (2).wav']);
});

it('makes names that every system takes, in the folder that was chosen', () => {
  const [path, empty] = exportNames('{text}', 'Play', named('../../etc/passwd: "x"?', '...'), 2);
  expect(path).not.toMatch(/[/\\:*?"<>|]/);
  expect(path).toMatch(/^[^.].*\.wav$/);
  expect(empty).toBe('Take.wav');
});

it('refuses a field that there is none of', () => {
  expect(() => exportNames('{number} {actor}', 'Play', named('Yes.'), 1)).toThrow(
    'The name template has no {actor}: it may have {number}, {text}, {voice}, {seed}, {project}.',
  );
});
