/** Of the Harvard sentences (IEEE, 1969), for a test whose script has too few. */
const HARVARD = [
  'The birch canoe slid on the smooth planks.',
  'Glue the sheet to the dark blue background.',
  'These days a chicken leg is a rare dish.',
  'Rice is often served in round bowls.',
  'The juice of lemons makes fine punch.',
  'The box was thrown beside the parked truck.',
  'Four hours of steady work faced us.',
  'A large size in stockings is hard to sell.',
];

/** Fewer would let a single sentence decide a test. */
const FEWEST = 4;

/** One sentence a line: those of the script where it has enough, else some that are known to serve. */
export function firstSentences(script: string): string {
  const segments = new Intl.Segmenter('en', { granularity: 'sentence' }).segment(script);
  const found = [...segments].map(({ segment }) => segment.trim()).filter(Boolean);
  return (found.length < FEWEST ? HARVARD : found).join('\n');
}

export function sentencesIn(lines: string): string[] {
  return [
    ...new Set(
      lines
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    ),
  ];
}
