import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readWav } from '../audio/wav';
import { ListeningTests } from './listening-tests';
import { reportPage } from './report';
import type { StoredTest } from './stored-test';
import { exactAndPcg, exampleSource } from './testing/example-source';
import { trialsAsCsv } from './trial-table';

type Element = { tagName: string; textContent: string; getAttribute(name: string): string | null };
type Page = {
  querySelector(css: string): Element | null;
  querySelectorAll(css: string): Element[];
};

// jsdom comes without types, and those of the page have no place here.
const { JSDOM } = createRequire(import.meta.url)('jsdom') as {
  JSDOM: new (html: string) => { window: { document: Page } };
};

const HOSTILE = '=1+1 </script><img src="http://example.org/x"> & “quoted”, with a comma';

let folder: string;
let stored: StoredTest;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-report-'));
  const tests = await ListeningTests.open(folder, exampleSource().source);
  const { id } = await tests.create({
    kind: 'preference',
    trials: 10,
    source: { from: 'sentences', sentences: [HOSTILE, 'Two.'], settings: exactAndPcg },
  });
  await vi.waitFor(() => expect(tests.list()[0].state.status).toBe('running'), { timeout: 30_000 });
  for (let number = 0; number < 10; number++) {
    await tests.answer(id, number, { kind: 'preference', choice: 'first' }, [1, 2]);
  }
  stored = tests.finished(id);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the report', () => {
  it('holds its sounds, and asks for nothing from outside', async () => {
    const html = await reportPage(stored, '0.1.0');
    const { document } = new JSDOM(html).window;
    const sources = [...document.querySelectorAll('[src], link, [href], iframe, object')];
    expect(sources).toHaveLength(16);
    for (const audio of sources) {
      expect(audio.tagName).toBe('AUDIO');
      const [head, data] = (audio.getAttribute('src') ?? '').split(',');
      expect(head).toBe('data:audio/wav;base64');
      const wav = readWav(Buffer.from(data, 'base64'));
      expect(wav.samples).toHaveLength(8000);
    }
    const policy = document.querySelector('meta[http-equiv]')?.getAttribute('content');
    expect(policy).toContain("default-src 'none'");
  });

  it('shows a sentence as it is and keeps all data for others to read', async () => {
    const { document } = new JSDOM(await reportPage(stored, '0.1.0')).window;
    const cells = [...document.querySelectorAll('#trials td:nth-child(2)')];
    expect(new Set(cells.map(({ textContent }) => textContent))).toEqual(
      new Set([HOSTILE, 'Two.']),
    );
    const data = JSON.parse(document.querySelector('#data')?.textContent ?? '');
    expect(data.test).toEqual(stored.test);
    expect(data.answers).toEqual(stored.answers);
    expect(document.querySelectorAll('#trials tbody tr')).toHaveLength(10);
    expect(document.querySelector('svg')?.getAttribute('aria-label')).toContain('95 % intervals');
  });
});

describe('the table', () => {
  it('is read back whole by another library', () => {
    const rows: Record<string, string>[] = parse(trialsAsCsv(stored.test, stored.answers), {
      bom: true,
      columns: true,
    });
    expect(rows).toHaveLength(10);
    rows.forEach((row, i) => {
      const { item, isControl, order } = stored.test.trials[i];
      const { text } = stored.test.items[item];
      // A sentence that a spreadsheet would calculate is quoted.
      expect(row.Sentence).toBe(text.startsWith('=') ? `'${text}` : text);
      expect(row.Control).toBe(isControl ? 'yes' : 'no');
      expect(row.Order).toBe(order.map((condition) => 'AB'[condition]).join(' '));
      expect(row.Preferred).toBe(isControl ? 'first' : 'AB'[order[0]]);
      expect(row.Plays).toBe('1 2');
    });
  });
});
