import { describe, expect, it } from 'vitest';
import { PARTS, parseFlags, USAGE } from './flags';

describe('the flags of bench', () => {
  it('are all optional', () => {
    const usual = { suite: false, json: false, device: 'auto', codec: 'auto' };
    expect(parseFlags([])).toMatchObject(usual);
    expect(parseFlags(['--suite', 'full'])).toMatchObject({ suite: true, parts: PARTS });
  });

  it('say where the codec vocodes, in the suite too', () => {
    expect(parseFlags(['--codec', 'inside']).codec).toBe('inside');
    expect(parseFlags(['--suite', 'full', '--codec', 'apart']).codec).toBe('apart');
  });

  it('name the parts of the suite', () => {
    expect(parseFlags(['--suite', 'full', '--parts', 'growth,pair']).parts).toEqual([
      'pair',
      'growth',
    ]);
    expect(USAGE).toContain(PARTS.join(','));
  });

  it.each([
    [['--sentences', '13'], '--sentences takes a number from 1 to 12.'],
    [['--lookahead', '9'], '--lookahead takes a number from 1 to 8.'],
    [['--device', 'tpu'], '--device takes auto, cuda, webgpu, coreml, dml, cpu.'],
    [['--codec', 'beside'], '--codec takes auto, inside, apart.'],
    [['--suite', 'half'], '--suite takes full.'],
    [
      ['--suite', 'full', '--parts', 'growth,speed'],
      '--parts takes some of decoding,pair,llama,growth.',
    ],
    [['--rival', 'true'], '--rival goes with --suite full.'],
    [['--machine', 'mine'], '--machine goes with --suite full.'],
    [
      ['--suite', 'full', '--device', 'cpu'],
      '--device does not go with --suite full, which runs them all.',
    ],
  ])('refuse %j in one sentence', (args, sentence) => {
    expect(() => parseFlags(args)).toThrow(sentence);
  });
});
