import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWav } from '../../main/audio/wav';
import { type App, lane, launch, type } from './launch';
import { picture, resize, USUAL } from './looks';

const SENTENCE = 'The birch canoe slid on the smooth planks.';
const LONGER = `${SENTENCE} Glue the sheet to the dark blue background. Rice is often served in round bowls.`;
/** Takes many seconds to make. */
const LONGEST = Array.from({ length: 5 }, () => LONGER).join(' ');

let app: App;
/** What the page complained of, refusals of its security policy included. */
const complaints: string[] = [];

beforeAll(async () => {
  app = await launch();
  app.page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  app.page.on('pageerror', (error) => complaints.push(error.message));
  await app.page.reload();
  await app.ready();
  await resize(app, USUAL);
  await app.page.getByText('Dark', { exact: true }).click();
});
afterAll(() => app?.close());

const button = (name: string | RegExp) => app.page.getByRole('button', { name, exact: true });

/** The counts that the ribbon's legend shows of a lane, by the counters' names. */
async function ribbonCounts(name: 'A' | 'B') {
  const legend = app.page.getByRole('list', { name: `Token counts of lane ${name}` });
  const of = async (counter: string) => Number(await legend.getAttribute(`data-${counter}`));
  return {
    accepted: await of('accepted'),
    rejected: await of('rejected'),
    ignored: await of('ignored'),
    recovered: await of('recovered'),
    bonus: await of('bonus'),
  };
}

type Growing = { grown: number[] };

/** Notes in the page, which sees all of it, what lane B had accepted while it was generating. */
async function watchGrowth(): Promise<void> {
  await app.page.evaluate(() => {
    const grown: number[] = [];
    Object.assign(window, { grown });
    const look = () => {
      const lane = document.querySelector('[aria-label="Lane B"][data-phase="generating"]');
      const accepted = lane?.querySelector('[data-accepted]')?.getAttribute('data-accepted');
      if (accepted && Number(accepted) !== grown.at(-1)) grown.push(Number(accepted));
    };
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ['data-phase', 'data-accepted'],
    });
  });
}

async function phase(name: 'A' | 'B', wanted: string): Promise<void> {
  await app.page
    .locator(`[aria-label="Lane ${name}"][data-phase="${wanted}"]`)
    .waitFor({ timeout: 60_000 });
}

describe('generating', () => {
  it('is not offered for an empty text, and says why', async () => {
    await type(app.page, '');
    for (const name of ['Generate', 'Generate pair']) {
      await expect.poll(() => button(name).isDisabled()).toBe(true);
    }
    await app.page.getByText('Type something to say.').waitFor();
  });

  it('shows the tokens of a take, counted as the engine counted them', async () => {
    await type(app.page, SENTENCE);
    await button('Generate').click();
    await phase('A', 'ready');
    const [take] = await app.call('listTakes', undefined);
    expect(take.status).toBe('finished');
    expect(take.settings.method).toBe('pcg');
    expect(take.counters.accepted).toBeGreaterThan(10);
    const { accepted, rejected, ignored, recovered, bonus } = take.counters;
    expect(await ribbonCounts('A')).toEqual({ accepted, rejected, ignored, recovered, bonus });
    expect(take.counters.drafted).toBe(accepted + rejected + ignored);
  });

  it('saves the take at once, with its sound and all its settings', async () => {
    const [take] = await app.call('listTakes', undefined);
    const folder = join(app.userData, 'takes', take.id);
    expect((await readdir(folder)).sort()).toEqual(['audio.wav', 'rounds.jsonl', 'take.json']);
    const wav = readWav(await readFile(join(folder, 'audio.wav')));
    expect(wav.sampleRate).toBe(take.pack.sampleRate);
    expect(wav.samples.length).toBe((take.frames * take.pack.sampleRate) / take.pack.frameRate);
    const energy = wav.samples.reduce((sum, sample) => sum + sample * sample, 0);
    expect(Math.sqrt(energy / wav.samples.length)).toBeGreaterThan(0.01);
    const stored = JSON.parse(await readFile(join(folder, 'take.json'), 'utf8'));
    expect(stored).toEqual(JSON.parse(JSON.stringify(take)));
  });

  it('the same pinned seed gives the same sound again', async () => {
    const [first] = await app.call('listTakes', undefined);
    await app.page.getByRole('button', { name: 'Pin seed' }).click();
    await app.page.keyboard.press('Control+Enter');
    await expect
      .poll(async () => (await app.call('listTakes', undefined))[0].id)
      .not.toBe(first.id);
    await phase('A', 'ready');
    await expect
      .poll(async () => (await app.call('listTakes', undefined))[0].status)
      .toBe('finished');
    const [second] = await app.call('listTakes', undefined);
    expect(second.settings).toEqual(first.settings);
    const read = async (take: string) => (await app.call('readTake', { take })).rounds;
    expect(await read(second.id)).toEqual(await read(first.id));
    await app.page.getByRole('button', { name: 'Pin seed' }).click();
  });

  it('a pair has one text and one seed, exact in A and PCG in B, and grows as it is made', async () => {
    await type(app.page, LONGER);
    const before = (await app.call('listTakes', undefined)).length;
    await watchGrowth();
    await button('Generate pair').click();
    await expect.poll(async () => (await ribbonCounts('B')).accepted).toBeGreaterThan(60);
    await picture(app.page, 'generating');
    await phase('A', 'ready');
    await phase('B', 'ready');
    const counts = await app.page.evaluate(() => (window as unknown as Growing).grown);
    expect(counts.length).toBeGreaterThan(3);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    const takes = await app.call('listTakes', undefined);
    expect(takes.length).toBe(before + 2);
    const [pcg, exact] = takes;
    expect(pcg.pair).toBe(exact.pair);
    expect(pcg.pair).not.toBeNull();
    expect([exact.settings.method, pcg.settings.method]).toEqual(['exact', 'pcg']);
    expect({ ...exact.settings, method: 0 }).toEqual({ ...pcg.settings, method: 0 });
    for (const [name, take] of [
      ['A', exact],
      ['B', pcg],
    ] as const) {
      const { accepted, rejected, ignored, recovered, bonus } = take.counters;
      expect(await ribbonCounts(name)).toEqual({ accepted, rejected, ignored, recovered, bonus });
    }
    await app.page.mouse.move(5, 5);
    await picture(app.page, 'pair');
  });

  it('plays, and switches lanes where it is', async () => {
    const clock = app.page.getByRole('timer', { name: 'Time heard and length' });
    const heard = async () => {
      const [minutes, seconds] = ((await clock.textContent()) ?? '').split(' /')[0].split(':');
      return Number(minutes) * 60 + Number(seconds);
    };
    await lane(app.page, 'A').getByRole('button', { name: 'Lane A' }).click();
    // However long the steps take, it plays on.
    await button('Loop').click();
    await button('Play').click();
    await expect.poll(heard).toBeGreaterThan(0.3);
    const before = await heard();
    await button('Hear the other lane').click();
    await expect.poll(() => lane(app.page, 'B').getAttribute('data-focus')).toBe('true');
    const after = await heard();
    expect(after).toBeGreaterThanOrEqual(before);
    await expect.poll(heard).toBeGreaterThan(after);
    await button('Pause').click();
    // By keyboard alone: F6 goes from the script to the deck.
    const { keyboard } = app.page;
    for (const key of ['Control+l', 'F6', 'Space', 'Tab']) await keyboard.press(key);
    await expect.poll(() => lane(app.page, 'A').getAttribute('data-focus')).toBe('true');
    await keyboard.press('Space');
    await button('Play').waitFor();
    await button('Loop').click();
  });

  it('tells of each frame what became of it, by keyboard alone', async () => {
    const ribbon = app.page.getByRole('slider', { name: 'Tokens of lane B' });
    const { keyboard } = app.page;
    await ribbon.focus();
    for (let i = 0; i < 4; i++) await keyboard.press('=');
    await keyboard.press('Home');
    const said = () => ribbon.getAttribute('aria-valuetext');
    await expect.poll(said).toMatch(/frame 0\b/i);
    const spoken = [await said()];
    const walk = async () => {
      await keyboard.press('ArrowRight');
      await expect.poll(said).not.toBe(spoken.at(-1));
      spoken.push(await said());
    };
    while (spoken.length < 30) await walk();
    expect(new Set(spoken).size).toBe(30);
    expect(spoken.some((words) => /both rules keep it/.test(words ?? ''))).toBe(true);
    while (!/Kept by the group alone/.test(spoken.at(-1) ?? '')) await walk();
    const members = app.page.getByRole('listbox', { name: /^Members of the group/ });
    await expect.poll(() => members.getByRole('option').count()).toBeGreaterThan(1);
    await picture(app.page, 'inspector');
    await keyboard.press('Enter');
    await keyboard.press('ArrowRight');
    await keyboard.press('Enter');
    await ribbon.focus();
    await keyboard.press('0');
  });

  it('lets a frame be looked at and heard with a member of its group', async () => {
    const [take] = await app.call('listTakes', undefined);
    const { rounds } = await app.call('readTake', { take: take.id });
    const kept = rounds.find((round) => round.judged[0]?.accepted && round.judged[0].groupSize > 3);
    if (!kept) throw new Error('No token of this take has a group to look at.');
    const [{ token }] = kept.judged;
    const { theta } = take.settings;
    const members = await app.call('getGroup', { token, theta });
    expect(members[0]).toEqual({ token, cosine: 1 });
    expect(members.length).toBeGreaterThan(1);
    for (const [i, member] of members.entries()) {
      if (i > 0) expect(member.cosine).toBeLessThanOrEqual(members[i - 1].cosine);
      expect(member.cosine).toBeGreaterThan(theta);
    }
    const listen = (other: number) =>
      app.page.evaluate(
        async ([id, frame, swapped]) => {
          const reply = await window.timbrel.hearSwap({ take: id, frame, token: swapped });
          return reply.ok ? [...reply.value.samples] : reply.failure.message;
        },
        [take.id, kept.frame, other] as const,
      );
    const asItWas = (await listen(token)) as number[];
    const swapped = (await listen(members[1].token)) as number[];
    expect(asItWas.length).toBe(swapped.length);
    expect(asItWas).not.toEqual(swapped);
    const wav = await readFile(join(app.userData, 'takes', take.id, 'audio.wav'));
    const { samples } = readWav(wav);
    const samplesPerFrame = take.pack.sampleRate / take.pack.frameRate;
    const around = Math.round(0.3 * take.pack.frameRate);
    const from = Math.max(0, kept.frame - around) * samplesPerFrame;
    const largest = asItWas.reduce(
      (most, v, i) => Math.max(most, Math.abs(v - samples[from + i])),
      0,
    );
    expect(largest).toBeLessThan(1e-5);
  });

  it('a cancel keeps what was made', async () => {
    const [before] = await app.call('listTakes', undefined);
    await type(app.page, LONGEST);
    await button('Generate').click();
    await expect
      .poll(async () => (await app.call('listTakes', undefined))[0].id)
      .not.toBe(before.id);
    await expect
      .poll(async () => (await app.call('listTakes', undefined))[0].counters.committed)
      .toBeGreaterThan(20);
    await app.page.keyboard.press('Escape');
    await expect
      .poll(async () => (await app.call('listTakes', undefined))[0].status)
      .toBe('cancelled');
    const [take] = await app.call('listTakes', undefined);
    expect(take.frames).toBeGreaterThan(20);
    const wav = await readFile(join(app.userData, 'takes', take.id, 'audio.wav'));
    const samplesPerFrame = take.pack.sampleRate / take.pack.frameRate;
    expect(readWav(wav).samples.length).toBe(take.frames * samplesPerFrame);
  });

  it('left the page without a complaint', () => {
    expect(complaints).toEqual([]);
  });
});
