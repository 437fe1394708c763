import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JobEvent } from '../../contract/job';
import type { LaneName } from '../deck/lane-name';
import { useLanes } from '../deck/lanes';
import { useNotices } from '../notices/notices';
import { usePreferences } from '../preferences/preferences';
import { useTakes } from '../takes/takes';
import type { FakeBridge } from '../testing/fake-bridge';
import { openPage } from '../testing/page';
import { cancel, generate, generatePair, useTarget } from './generate';
import { useJobs } from './jobs';

let page: FakeBridge & { close: () => void };
/** What the lanes were told, in order. */
let told: { lane: LaneName; what: string }[];

async function open(options: Parameters<typeof openPage>[0] = {}) {
  page = await openPage({ preferences: { text: 'Hello there.' }, ...options });
  useLanes.setState({
    begin: (lane) => told.push({ lane, what: 'begin' }),
    receive: (lane, event: JobEvent) => told.push({ lane, what: event.type }),
  });
}

const toldOf = (lane: LaneName) => told.filter((one) => one.lane === lane).map(({ what }) => what);
const allEnded = () =>
  vi.waitFor(() => expect(useJobs.getState().jobs).toEqual([]), { timeout: 20_000 });

beforeEach(() => {
  told = [];
});
afterEach(() => page.close());

test.each(['before-reply', 'after-reply'] as const)(
  'a job whose port comes %s reaches its lane whole and in order',
  async (portArrives) => {
    await open({ portArrives });
    await generate();
    await allEnded();
    const [take] = useTakes.getState().all;
    const events = toldOf('A');
    expect(events.slice(0, 2)).toEqual(['begin', 'started']);
    expect(events.at(-1)).toBe('ended');
    expect(events.filter((event) => event === 'rounds')).toHaveLength(take.counters.rounds);
    expect(events.filter((event) => event === 'audio')).toHaveLength(take.counters.rounds);
    expect(take.status).toBe('finished');
  },
);

test('a port that another window posts is not taken', async () => {
  await open();
  const { port1, port2 } = new MessageChannel();
  const forged = new MessageEvent('message', {
    data: { type: 'timbrel:job-port', job: 'job-1' },
    ports: [port2],
  });
  window.dispatchEvent(forged);
  await generate();
  port1.postMessage({ type: 'notice', message: 'forged' });
  await allEnded();
  port1.close();
  expect(useNotices.getState().shown.map(({ message }) => message)).not.toContain('forged');
  expect(toldOf('A').at(-1)).toBe('ended');
});

test('a pair is exact into A and PCG into B, with one text, seed and pair id', async () => {
  await open();
  await generatePair();
  await allEnded();
  const asked = page.calls
    .filter(({ name }) => name === 'generate')
    .map(({ input }) => input as { text: string; settings: Record<string, unknown>; pair: string });
  expect(asked.map(({ settings }) => settings.method)).toEqual(['exact', 'pcg']);
  expect(asked[0].settings).toEqual({ ...asked[1].settings, method: 'exact' });
  expect(asked[0].text).toBe(asked[1].text);
  expect(asked[0].pair).toMatch(/^[0-9a-f-]{36}$/);
  expect(asked[0].pair).toBe(asked[1].pair);
  expect(toldOf('A').at(-1)).toBe('ended');
  expect(toldOf('B').at(-1)).toBe('ended');
});

test('a new seed is rolled for every take until the seed is pinned', async () => {
  await open();
  await generate();
  const rolled = usePreferences.getState().settings?.seed;
  await generate();
  const again = usePreferences.getState().settings?.seed;
  expect(again).not.toBe(rolled);
  usePreferences.setState({ seedPinned: true });
  await generate();
  await allEnded();
  expect(usePreferences.getState().settings?.seed).toBe(again);
  const seeds = page.calls
    .filter(({ name }) => name === 'generate')
    .map(({ input }) => (input as { settings: { seed: number } }).settings.seed);
  expect(seeds).toEqual([rolled, again, again]);
});

test('a single take goes to the lane in focus, or to the one that was chosen', async () => {
  await open();
  useLanes.setState({ focus: 'B' });
  await generate();
  useTarget.setState({ target: 'A' });
  await generate();
  expect(useJobs.getState().jobs.map(({ lane }) => lane)).toEqual(['B', 'A']);
  await allEnded();
});

test('a second take for a lane takes it over only when the first is over', async () => {
  await open();
  await generate();
  await generate();
  await allEnded();
  const marks = toldOf('A').filter((what) => ['begin', 'started', 'ended'].includes(what));
  expect(marks).toEqual(['begin', 'started', 'ended', 'begin', 'started', 'ended']);
});

test('Cancel ends the running half of a pair and the waiting one, and keeps what was spoken', async () => {
  await open({ preferences: { text: 'A sentence that takes a while. '.repeat(20) }, roundMs: 2 });
  await generatePair();
  await vi.waitFor(() => expect(toldOf('A')).toContain('audio'), { timeout: 30_000 });
  await cancel();
  await allEnded();
  const statuses = useTakes.getState().all.map(({ status }) => status);
  expect(statuses).toEqual(['cancelled', 'cancelled']);
  expect(useTakes.getState().all.some(({ frames }) => frames > 0)).toBe(true);
  // The user asked for it: nothing went wrong.
  expect(useNotices.getState().shown).toEqual([]);
});

test('when the engine dies the take so far stays and one sentence says so', async () => {
  await open({ preferences: { text: 'A sentence that takes a while. '.repeat(20) }, roundMs: 2 });
  await generate();
  await vi.waitFor(() => expect(toldOf('A')).toContain('audio'), { timeout: 30_000 });
  page.crash();
  await allEnded();
  const [take] = useTakes.getState().all;
  expect(take.status).toBe('interrupted');
  expect(take.frames).toBeGreaterThan(0);
  expect(useNotices.getState().shown).toMatchObject([{ tone: 'problem', message: take.problem }]);
});

test('a refused take is a sentence, and the lane is left as it was', async () => {
  await open();
  page.failNext('generate', { kind: 'storage', message: 'The disk is full; free some space.' });
  await generate();
  expect(useNotices.getState().shown).toMatchObject([
    { message: 'The disk is full; free some space.' },
  ]);
  expect(useJobs.getState().jobs).toEqual([]);
  expect(told).toEqual([]);
});
