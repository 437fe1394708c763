import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { readLines } from './import-lines';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-import-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const VOICES = ['slt', 'rms'];

async function read(name: string, content: string | Uint8Array) {
  const path = join(folder, name);
  await writeFile(path, content);
  return readLines(path, VOICES);
}
const textsOf = async (name: string, content: string | Uint8Array) =>
  (await read(name, content)).lines.map(({ text }) => text);

describe('TXT', () => {
  it('is a line a line, whatever ends them, without the empty ones', async () => {
    expect(await textsOf('a.txt', '\uFEFFOne.\r\n\r\n  Two, three. \nFour.\rFive')).toEqual([
      'One.',
      'Two, three.',
      'Four.',
      'Five',
    ]);
  });

  it('is read from UTF-16 too, and refused where it is neither', async () => {
    const utf16 = Buffer.from('\uFEFFCafé.\nTwo.', 'utf16le');
    expect(await textsOf('b.txt', utf16)).toEqual(['Café.', 'Two.']);
    await expect(read('c.txt', Buffer.from([0x43, 0xe9, 0x2e]))).rejects.toThrow(
      'c.txt is not UTF-8 text',
    );
  });

  it('with nothing in it, of another kind, or gone, is refused in a sentence', async () => {
    await expect(read('d.txt', ' \n\n')).rejects.toThrow('d.txt has no lines to add.');
    await expect(read('e.docx', 'x')).rejects.toThrow('e.docx is no TXT, CSV or SRT file');
    await expect(readLines(join(folder, 'gone.txt'), VOICES)).rejects.toMatchObject({
      failure: { kind: 'storage' },
    });
  });

  it('with a line that is too long says which', async () => {
    await expect(read('f.txt', `One.\n${'a'.repeat(20_001)}`)).rejects.toThrow(
      'Line 2 of f.txt has 20,001 characters: shorten it to 20,000.',
    );
  });
});

describe('CSV', () => {
  test.each([
    ['commas', 'Voice,Text,seed\nslt,"One, two.",7\n,Three.,\n'],
    ['semicolons', 'Voice;Text;seed\r\nslt;One, two.;7\r\n;Three.;\r\n'],
    ['tabs', '\uFEFFVoice\tText\tseed\nslt\tOne, two.\t7\n\tThree.\t\n'],
  ])('with %s is a line a row', async (_, content) => {
    expect(await read('a.csv', content)).toEqual({
      lines: [
        { text: 'One, two.', voice: 'slt', seed: 7 },
        { text: 'Three.', voice: null, seed: null },
      ],
      leftOut: [],
    });
  });

  it('needs the column text alone, and says which others it left out', async () => {
    expect(await read('b.csv', 'text,notes,character\nOne.,x,Ann\n')).toEqual({
      lines: [{ text: 'One.', voice: null, seed: null }],
      leftOut: ['b.csv: of its columns “notes”, “character” were left out.'],
    });
  });

  test.each([
    ['id,words\n1,One.\n', 'a.csv, row 1: there is no column “text”, only “id”, “words”'],
    ['text,text\nOne.,Two.\n', 'a.csv, row 1: the column “text” is there twice.'],
    ['text,voice\nOne.,slt\nTwo.\n', 'a.csv, row 3, column “voice”: there is no cell for it.'],
    ['text,voice\nOne, two.,slt\n', 'a.csv, row 2: it has 3 cells, but there are 2 columns'],
    ['text,voice\nOne.,bob\n', 'row 2, column “voice”: there is no voice “bob”; choose one of slt'],
    ['text,seed\nOne.,1\nTwo.,x\n', 'row 3, column “seed”: “x” is no whole number'],
    ['text,seed\nOne.,-1\n', 'row 2, column “seed”: “-1” is no whole number'],
    ['text\nOne.\n" "\n', 'row 3, column “text”: it is empty.'],
    ['text\n"One\nand two."\nThree.,4\n', 'row 4: it has 2 cells'],
    ['text\nOne.\n"Two', 'its quotation marks do not match'],
    ['', 'a.csv is empty.'],
  ])('%j is refused with its column and row', async (content, message) => {
    await expect(read('a.csv', content)).rejects.toMatchObject({
      failure: { kind: 'usage', message: expect.stringContaining(message) },
    });
  });
});

describe('SRT', () => {
  it('is a line a subtitle, without markup and times', async () => {
    const srt =
      '1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>One</i> and\r\n{\\an8}two.\r\n\r\n2\r\n00:01:00,000 --> 00:01:02,000\r\nThree.\r\n';
    expect(await textsOf('a.srt', srt)).toEqual(['One and two.', 'Three.']);
  });

  test.each([
    ['Just some words.\nAnd more.\n', 'a.srt'],
    ['1\n00:00:01,000 --> no:ne\nOne.\n', 'the times of subtitle 1 cannot be read'],
  ])('%j is refused', async (content, message) => {
    await expect(read('a.srt', content)).rejects.toThrow(message);
  });
});

describe('hostile files', () => {
  it('are answered with a sentence of bounded length, whatever their header holds', async () => {
    const wide = Array.from({ length: 5000 }, (_, i) => `column ${i}`).join();
    const long = 'x'.repeat(1 << 20);
    for (const csv of [
      `${wide}\n1`,
      `${long}\n1`,
      `text,seed\na,${long}`,
      `text,voice\na,\u001b[31m`,
    ]) {
      const error = await read('hostile.csv', csv).catch((thrown: Error) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message.length).toBeLessThanOrEqual(300);
      expect((error as Error).message).toMatch(/^hostile\.csv, row \d/);
      expect((error as Error).message).not.toContain('\u001b');
    }
  });

  it('that are no regular file, or too large, are refused before they are read', async () => {
    const pipe = join(folder, 'pipe.txt');
    execFileSync('mkfifo', [pipe]);
    await expect(readLines(pipe, VOICES)).rejects.toThrow('pipe.txt is a pipe, not a file');
    await mkdir(join(folder, 'folder.txt'));
    await expect(readLines(join(folder, 'folder.txt'), VOICES)).rejects.toThrow('is a folder');
    const endless = join(folder, 'endless.txt');
    await symlink('/dev/zero', endless);
    await expect(readLines(endless, VOICES)).rejects.toThrow('is a device');
    const film = join(folder, 'film.txt');
    await writeFile(film, '');
    await truncate(film, 2 ** 34);
    await expect(readLines(film, VOICES)).rejects.toThrow(
      'too large: choose a file of at most 32 MB',
    );
  });
});
