import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Line, Project } from '../../contract/project';
import { useNotices } from '../notices/notices';
import type { FakeBridge } from '../testing/fake-bridge';
import { openPage } from '../testing/page';
import { saveProject, saveProjectNow, useSaving } from './autosave';
import { closeProject, importLines, newProject, openProject } from './files';
import { missingTakes, regenerateMissing, useMissing } from './missing';
import {
  addLines,
  addTake,
  applySettings,
  chooseTake,
  endStep,
  moveLines,
  redo,
  removeLines,
  setPronunciations,
  setText,
  undo,
  useProject,
} from './project';
import {
  cancelLines,
  generateLines,
  hurryLines,
  pauseQueue,
  secondsLeft,
  useLineQueue,
} from './queue';

const SETTINGS: Line['settings'] = {
  voice: 'alto',
  method: 'pcg',
  theta: 0.5,
  lookahead: 3,
  temperature: 0.8,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
  seed: 7,
};
const ids = ['A', 'B', 'C'].map((_, i) => `00000000-0000-4000-8000-00000000000${i}`);
const project: Project = {
  schema: 1,
  pronunciations: [],
  lines: ids.map((id, i) => ({
    id,
    text: `Line ${i + 1}.`,
    settings: { ...SETTINGS, seed: i + 1 },
    takes: [],
    chosen: null,
    problem: null,
  })),
};

let page: FakeBridge & { close: () => void };
beforeEach(async () => {
  page = await openPage({ project });
  await openProject();
});
afterEach(async () => {
  await saveProject();
  page.close();
});

const lines = () => useProject.getState().lines;
const texts = () => lines().map(({ text }) => text);
const callsOf = (name: string) => page.calls.filter((call) => call.name === name);
const notices = () => useNotices.getState().shown.map(({ message }) => message);
const allSpoken = () =>
  vi.waitFor(() => expect(useLineQueue.getState()).toMatchObject({ waiting: [], running: null }), {
    timeout: 30_000,
  });

describe('edits', () => {
  test('of every kind are undone and done again, one by one', () => {
    const states = [useProject.getState().lines];
    const steps = [
      () => addLines([{ text: 'New.', voice: null, seed: 9 }], ids[0]),
      () => moveLines(new Set([ids[2]]), -1),
      () => setText(ids[1], 'Changed.'),
      () => removeLines(new Set([ids[0]])),
      () => applySettings(new Set(ids), { ...SETTINGS, theta: 0.9 }),
    ];
    for (const step of steps) {
      step();
      states.push(lines());
    }
    expect(new Set(states).size).toBe(states.length);
    for (const state of states.toReversed().slice(1)) {
      undo();
      expect(lines()).toBe(state);
    }
    undo();
    expect(lines()).toBe(states[0]);
    for (const state of states.slice(1)) {
      redo();
      expect(lines()).toBe(state);
    }
    setPronunciations([{ word: 'a', as: 'b' }]);
    undo();
    expect(useProject.getState().pronunciations).toEqual([]);
  });

  test('while one line is typed are one step', () => {
    for (const typed of ['L', 'Li', 'Lin']) setText(ids[0], typed);
    setText(ids[1], 'X');
    endStep();
    setText(ids[1], 'Y');
    undo();
    expect(texts()).toEqual(['Lin', 'X', 'Line 3.']);
    undo();
    undo();
    expect(texts()).toEqual(['Line 1.', 'Line 2.', 'Line 3.']);
  });

  test('undone or not never cost a take', () => {
    setText(ids[0], 'Changed.');
    removeLines(new Set([ids[1]]));
    const take = {
      take: 'take-0001',
      text: 'Changed.',
      settings: SETTINGS,
      seconds: 1,
      suspicions: [],
    };
    addTake(ids[0], take, null);
    addTake(ids[1], { ...take, take: 'take-0002' }, null);
    undo();
    undo();
    expect(texts()).toEqual(['Line 1.', 'Line 2.', 'Line 3.']);
    expect(lines().map(({ chosen }) => chosen)).toEqual(['take-0001', 'take-0002', null]);
    redo();
    redo();
    expect(lines()[0]).toMatchObject({ text: 'Changed.', takes: [take] });
    chooseTake(ids[0], 'take-0001');
    undo();
    expect(lines()[0].chosen).toBe('take-0001');
  });

  test('move a block of lines past its neighbour, and not out of the list', () => {
    moveLines(new Set([ids[0], ids[1]]), 1);
    expect(texts()).toEqual(['Line 3.', 'Line 1.', 'Line 2.']);
    moveLines(new Set([ids[0], ids[1]]), 1);
    expect(texts()).toEqual(['Line 3.', 'Line 1.', 'Line 2.']);
    moveLines(new Set([ids[2], ids[1]]), -1);
    expect(texts()).toEqual(['Line 3.', 'Line 2.', 'Line 1.']);
  });

  test('apply settings and keep each seed', () => {
    applySettings(new Set([ids[0], ids[1]]), { ...SETTINGS, voice: 'bass' });
    expect(lines().map(({ settings }) => [settings.voice, settings.seed])).toEqual([
      ['bass', 1],
      ['bass', 2],
      ['alto', 3],
    ]);
  });
});

describe('saving', () => {
  test('follows an edit by itself, the last state of many', async () => {
    for (const typed of ['1', '2', '3']) setText(ids[0], typed);
    expect(useSaving.getState().saving.state).toBe('unsaved');
    await vi.waitFor(() => expect(useSaving.getState().saving.state).toBe('saved'), {
      timeout: 30_000,
    });
    expect(callsOf('saveProject')).toHaveLength(1);
    const { lines } = callsOf('stageLines').flatMap(({ input }) => input as { lines: Line[] })[0];
    expect(lines.map(({ text }) => text)).toContain('3');
  });

  test('sends the lines that changed, and their order when that did', async () => {
    await saveProject();
    page.calls.length = 0;
    setText(ids[1], 'Other.');
    await saveProject();
    const sent = () =>
      callsOf('stageLines').flatMap(({ input }) =>
        (input as { lines: Line[] }).lines.map(({ id }) => id),
      );
    expect(sent()).toEqual([ids[1]]);
    expect(callsOf('saveProject')[0].input).toMatchObject({ order: null });
    page.calls.length = 0;
    removeLines(new Set([ids[0]]));
    await saveProject();
    expect(sent()).toEqual([]);
    expect(callsOf('saveProject')[0].input).toMatchObject({ order: ids.slice(1) });
    page.calls.length = 0;
    undo();
    await saveProject();
    expect(sent()).toEqual([ids[0]]);
    expect(callsOf('saveProject')[0].input).toMatchObject({ order: ids });
  });

  test('of a page that is left is sent in that very turn', async () => {
    await saveProject();
    page.calls.length = 0;
    setText(ids[1], 'Last words.');
    saveProjectNow();
    expect(page.calls.map(({ name }) => name)).toEqual(['stageLines', 'saveProject']);
  });

  test('that failed sends all of it the next time', async () => {
    await saveProject();
    page.failNext('saveProject', { kind: 'storage', message: 'The disk is full.' });
    setText(ids[0], 'Once.');
    await saveProject();
    page.calls.length = 0;
    await saveProject();
    const [{ input }] = callsOf('stageLines');
    expect((input as { lines: Line[] }).lines.map(({ id }) => id)).toEqual(ids);
  });

  test('comes before another project is opened', async () => {
    setText(ids[0], 'Kept.');
    await newProject();
    expect(texts()).toEqual([]);
    const names = page.calls.map(({ name }) => name);
    expect(names.indexOf('saveProject')).toBeLessThan(names.indexOf('newProject'));
  });

  test('that fails is said once, and tried again with the next edit', async () => {
    page.failNext('saveProject', { kind: 'storage', message: 'The disk is full.' });
    setText(ids[0], 'Once.');
    await saveProject();
    expect(useSaving.getState().saving.state).toBe('failed');
    expect(notices()).toContain('The disk is full.');
    await saveProject();
    expect(useSaving.getState().saving.state).toBe('saved');
  });

  test('of a closed project is over', async () => {
    await closeProject();
    expect(useProject.getState().file).toBeNull();
    await importLines();
    expect(notices().at(-1)).toMatch(/^Open a project/);
  });
});

describe('the queue', () => {
  test('speaks lines in order, and chooses what it made', async () => {
    generateLines([ids[1], ids[0]]);
    await allSpoken();
    const spoken = callsOf('speakLine').map(({ input }) => (input as { text: string }).text);
    expect(spoken).toEqual(['Line 2.', 'Line 1.']);
    expect(
      lines().map(({ takes, chosen }) => takes.length === 1 && chosen === takes[0].take),
    ).toEqual([true, true, false]);
    expect(secondsLeft({ ...useLineQueue.getState() }, lines())).toBe(0);
  });

  test('gives a second take of the same text another seed', async () => {
    generateLines([ids[0]]);
    await allSpoken();
    generateLines([ids[0]]);
    await allSpoken();
    const [first, second] = lines()[0].takes;
    expect(first.settings.seed).toBe(1);
    expect(second.settings.seed).not.toBe(1);
    expect(lines()[0].chosen).toBe(second.take);
  });

  test('waits while paused, can be reordered and shortened, and goes on', async () => {
    pauseQueue(true);
    generateLines(ids);
    generateLines(ids);
    expect(useLineQueue.getState().waiting.map(({ line }) => line)).toEqual(ids);
    hurryLines(new Set([ids[2]]));
    cancelLines(new Set([ids[0]]));
    expect(callsOf('speakLine')).toEqual([]);
    pauseQueue(false);
    await allSpoken();
    const spoken = callsOf('speakLine').map(({ input }) => (input as { text: string }).text);
    expect(spoken).toEqual(['Line 3.', 'Line 2.']);
  });

  test('keeps why a line failed until it is spoken, and goes on with the others', async () => {
    page.failNext('speakLine', { kind: 'text', message: 'Nothing in it can be spoken.' });
    generateLines([ids[0], ids[1]]);
    await allSpoken();
    expect(lines().map(({ problem }) => problem)).toEqual([
      'Nothing in it can be spoken.',
      null,
      null,
    ]);
    expect(lines()[1].takes).toHaveLength(1);
    generateLines([ids[0]]);
    await allSpoken();
    expect(lines()[0]).toMatchObject({ problem: null, takes: [{ text: 'Line 1.' }] });
  });
});

test('lost sound is offered to be made again, from the take’s own text and settings', async () => {
  generateLines([ids[0]]);
  await allSpoken();
  const lost = { ...lines()[0].takes[0], take: 'lost-take' };
  const [first, ...others] = lines();
  page.close();
  page = await openPage({
    project: {
      ...project,
      lines: [{ ...first, text: 'Changed.', takes: [lost], chosen: lost.take }, ...others],
    },
  });
  await openProject();
  await vi.waitFor(() => expect(useMissing.getState().takes).toEqual(new Set(['lost-take'])), {
    timeout: 30_000,
  });
  const offered = () => missingTakes(lines(), useMissing.getState().takes);
  expect(offered()).toEqual([{ line: ids[0], take: lost }]);
  regenerateMissing();
  await allSpoken();
  expect(offered()).toEqual([]);
  const [made, ...more] = lines()[0].takes;
  expect(more).toEqual([]);
  expect(made).toMatchObject({ text: 'Line 1.', settings: lost.settings });
  expect(made.take).not.toBe('lost-take');
  expect(lines()[0].chosen).toBe(made.take);
});
