import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Manifest, symbolLimit } from './manifest';
import { defaultPack, installedVersion } from './testing/default-pack';
import { DICTIONARY } from './text/dictionary';

const valid = () => Manifest.parse(structuredClone(defaultPack));

it('accepts the default pack', () => {
  expect(Manifest.parse(structuredClone(defaultPack))).toEqual(defaultPack);
});

it('knows the very dictionary that is installed', () => {
  expect(installedVersion(DICTIONARY.package)).toBe(DICTIONARY.version);
});

it('leaves room for a piece and its speech within the trained length', () => {
  const manifest = valid();
  const symbols = symbolLimit(manifest);
  const { framesPerSymbol, framesPerPiece } = manifest.text;
  const expected = symbols + 2 + framesPerSymbol * symbols + framesPerPiece;
  expect(expected).toBeLessThan(manifest.models.target.trainedLength);
  expect(symbols).toBeGreaterThanOrEqual(90);
});

describe('reads', () => {
  it('a codec with as many frames of context on both sides as one number says', () => {
    const manifest = structuredClone(defaultPack) as { models: { codecDecoder: object } };
    Object.assign(manifest.models.codecDecoder, { contextFrames: 12 });
    const { models } = Manifest.parse(manifest);
    expect(models.codecDecoder.contextFrames).toEqual({ before: 12, after: 12 });
  });

  it('an encoder of the codec, where there is one', () => {
    const { models } = Manifest.parse(withEncoder(valid()));
    expect(models.codecEncoder?.names).toEqual({ audio: 'audio', tokens: 'tokens' });
    const without = valid();
    delete without.models.codecEncoder;
    expect(Manifest.safeParse(without).success).toBe(true);
  });

  it('paces beside the usual one, the slowest of which leaves less room for symbols', () => {
    const manifest = valid();
    const limit = symbolLimit(manifest);
    manifest.paces = [{ name: 'slow', token: manifest.voices[0].token, rate: 0.8 }];
    expect(symbolLimit(Manifest.parse(manifest))).toBeLessThan(limit);
  });

  it('files that nothing else names, such as a report', () => {
    const manifest = valid();
    manifest.files['report/speech.svg'] = { bytes: 10, sha256: '0'.repeat(64) };
    expect(Manifest.safeParse(manifest).success).toBe(true);
  });
});

/** The manifest with an encoder graph, listed as its decoder is. */
function withEncoder(manifest: Manifest): Manifest {
  const file = 'encoder.onnx';
  manifest.models.codecEncoder = { file, names: { audio: 'audio', tokens: 'tokens' } };
  manifest.files[file] = { bytes: 10, sha256: '0'.repeat(64) };
  return manifest;
}

describe('refuses', () => {
  const refusals: Record<string, (manifest: Manifest) => void> = {
    'a file above the folder': (m) => {
      m.models.target.file = '../target.onnx';
    },
    'an absolute file': (m) => {
      m.neighbours.file = '/etc/passwd';
    },
    'a pace named twice': (m) => {
      const slow = { name: 'slow', token: m.voices[0].token, rate: 0.8 };
      m.paces = [slow, { ...slow, rate: 0.7 }];
    },
    'a pace named as the usual one': (m) => {
      m.paces = [{ name: 'usual', token: m.voices[0].token, rate: 1 }];
    },
    'a pace whose token lies beyond the embedding': (m) => {
      m.paces = [{ name: 'slow', token: m.tokens.embeddingRows, rate: 0.8 }];
    },
    'a file of a drive': (m) => {
      m.neighbours.file = 'C:\\neighbours.bin';
    },
    'a file whose hash is not listed': (m) => {
      m.voices[0].sample = 'voices/other.wav';
    },
    'names that differ by case only': (m) => {
      const { file } = m.models.target;
      m.files[file.toUpperCase()] = m.files[file];
    },
    'a hash that is none': (m) => {
      m.files[m.models.target.file].sha256 = 'abc';
    },
    'a file without end': (m) => {
      m.files[m.models.target.file].bytes = 1e18;
    },
    'a table of neighbours that main cannot hold': (m) => {
      m.files[m.neighbours.file].bytes = 2 ** 30;
    },
    'a sample that main cannot hold': (m) => {
      m.files[m.voices[0].sample].bytes = 2 ** 30;
    },
    'more files than a pack needs': (m) => {
      const one = m.files[m.neighbours.file];
      for (let i = 0; i < 2001; i++) m.files[`file-${i}`] = one;
    },
    'a layer name without its place': (m) => {
      m.models.draft.names.pastKey = 'past_key.0';
    },
    'a target that reads features': (m) => {
      m.models.target.names.features = 'features';
    },
    'a draft that reads features of a target that gives none': (m) => {
      delete m.models.target.names.hidden;
      m.models.draft.names.hidden = 'hidden';
      m.models.draft.names.features = 'features';
    },
    'a draft that reads features and gives none': (m) => {
      m.models.target.names.hidden = 'hidden';
      delete m.models.draft.names.hidden;
      m.models.draft.names.features = 'features';
    },
    'an encoder whose file is not listed': (m) => {
      delete withEncoder(m).files['encoder.onnx'];
    },
    'a look-ahead that is no number of frames': (m) => {
      m.models.codecDecoder.contextFrames.after = 1.5;
    },
    'a context that ends before it begins': (m) => {
      m.models.codecDecoder.contextFrames.before = -1;
    },
    'symbols that lack a phone': (m) => {
      m.text.symbols = m.text.symbols.filter((symbol) => symbol !== 'ZH');
    },
    'a symbol twice': (m) => {
      m.text.symbols.push('ZH');
    },
    'symbols beyond the embedding': (m) => {
      m.tokens.textBase = m.tokens.embeddingRows - 3;
    },
    'a voice beyond the embedding': (m) => {
      m.voices[0].token = m.tokens.embeddingRows;
    },
    'two voices of one name': (m) => {
      m.voices.push(structuredClone(m.voices[0]));
    },
    'no voice': (m) => {
      m.voices = [];
    },
    'an end of speech inside the codebook': (m) => {
      m.tokens.endOfSpeech = 12;
    },
    'a trained length beyond the caches': (m) => {
      m.models.target.trainedLength = m.models.target.maxLength + 1;
    },
    'a trained length that leaves no room': (m) => {
      m.models.draft.trainedLength = 64;
    },
    'a default θ under the floor': (m) => {
      m.neighbours.defaultTheta = m.neighbours.floor - 0.1;
    },
    'a replacement that is not ASCII': (m) => {
      m.text.replacements.ß = 'ß';
    },
    'a field nobody knows': (m) => {
      Object.assign(m, { colour: 'red' });
    },
    'another schema': (m) => {
      Object.assign(m, { schema: 2 });
    },
  };
  test.each(Object.entries(refusals))('%s', (_, spoil) => {
    const manifest = valid();
    spoil(manifest);
    expect(Manifest.safeParse(manifest).success).toBe(false);
  });
});

it('answers any mutated manifest with a yes or with issues, and never accepts a bad name', () => {
  const paths = pathsOf(defaultPack);
  const junk = fc.oneof(
    fc.anything(),
    fc.constantFrom(...[Number.NaN, -1, 1e308, '', '..', '../x', '/x', 'a/../b', 'con\0', null]),
    fc.constantFrom<unknown>([], {}, '__proto__', 'constructor', 2 ** 40, 'a'.repeat(5000)),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...paths), junk, fc.boolean()), {
        minLength: 1,
        maxLength: 3,
      }),
      (changes) => {
        const manifest: unknown = structuredClone(defaultPack);
        for (const [path, value, remove] of changes) change(manifest, path, value, remove);
        const parsed = Manifest.safeParse(manifest);
        if (parsed.success) {
          for (const file of Object.keys(parsed.data.files)) {
            expect(file).toMatch(/^\w[\w.-]*(\/\w[\w.-]*)*$/);
          }
        } else {
          expect(parsed.error.issues[0].message).not.toBe('');
        }
      },
    ),
    { numRuns: 500 },
  );
});

type Path = (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]));
  return path.length === 0 ? inner : [path, ...inner];
}

function change(root: unknown, path: Path, value: unknown, remove: boolean): void {
  let at = root as Record<string, unknown>;
  for (const key of path.slice(0, -1)) {
    const next = at[key];
    if (typeof next !== 'object' || next === null) return;
    at = next as Record<string, unknown>;
  }
  const last = path[path.length - 1];
  if (remove) delete at[last];
  else at[last] = value;
}
