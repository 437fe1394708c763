import { expect, it } from 'vitest';
import { describePack, withDescription } from './pack-description.mjs';

const pack = {
  name: 'Two voices',
  sampleRate: 22_050,
  frameRate: 50,
  codebookSize: 4096,
  voices: [
    { name: 'alto', description: 'Woman: warm.', teacher: 'Her', licence: 'CC0-1.0' },
    { name: 'bass', description: 'Man: deep.', teacher: 'Him', licence: 'Apache-2.0' },
  ],
};

it('describes a pack by its figures and a row a voice', () => {
  expect(describePack(pack).split('\n')).toEqual([
    '*Two voices*: 2 English voices at 22.05 kHz, 50 tokens a second of one codebook of 4,096.',
    '',
    '| voice | | taught by | licence |',
    '| --- | --- | --- | --- |',
    '| `alto` | Woman: warm. | Her | CC0-1.0 |',
    '| `bass` | Man: deep. | Him | Apache-2.0 |',
  ]);
});

it('replaces what stands between the marks, and nothing else', () => {
  const page = 'Before\n<!-- voice pack -->\nold\n<!-- /voice pack -->\nAfter\n';
  const once = withDescription(page, 'new');
  expect(once).toBe('Before\n<!-- voice pack -->\nnew\n<!-- /voice pack -->\nAfter\n');
  expect(withDescription(once, 'new')).toBe(once);
  expect(() => withDescription('Nothing here', 'new')).toThrow(/must hold <!-- voice pack -->/);
});
