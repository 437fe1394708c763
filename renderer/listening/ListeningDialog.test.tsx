import '../testing/jsdom';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ListeningAnswer } from '../../contract/listening';
import type { FakeBridge } from '../testing/fake-bridge';
import { openPage } from '../testing/page';
import { ListeningDialog } from './ListeningDialog';
import { closeListening, openListening } from './listening';

const played: number[] = [];
// jsdom has no sound.
vi.mock('../deck/player', async (original) => ({
  ...(await original<object>()),
  playSound: (samples: Float32Array) => {
    if (samples.length > 0) played.push(samples.length);
  },
}));

let page: FakeBridge & { close: () => void };

beforeEach(async () => {
  played.length = 0;
  page = await openPage({ preferences: { text: 'Hello there.' } });
  render(<ListeningDialog />);
  await act(openListening);
});
afterEach(() => {
  closeListening();
  cleanup();
  page.close();
});

const press = (code: string, init: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, {
    key: code.replace(/^(Key|Digit)/, ''),
    code,
    bubbles: true,
    ...init,
  });
const dialog = (name: string | RegExp) => screen.findByRole('dialog', { name });
const answers = () =>
  page.calls
    .filter(({ name }) => name === 'answerListeningTrial')
    .map(({ input }) => input as { trial: number; answer: ListeningAnswer; plays: number[] });

async function start(kind: string): Promise<void> {
  await dialog('New blind test');
  fireEvent.click(screen.getByRole('radio', { name: kind }));
  await act(async () => {
    press('Enter', { ctrlKey: true });
  });
  await dialog(/trial 1 of 20/);
}

test('a test starts with one key, and asks for 20 trials of the sentences there are', async () => {
  await start('Preference');
  const [created] = page.calls.filter(({ name }) => name === 'createListeningTest');
  expect(created.input).toMatchObject({
    kind: 'preference',
    trials: 20,
    source: { from: 'sentences', settings: [{ method: 'exact' }, { method: 'pcg' }] },
  });
});

test('no answer counts before both sounds were heard, and one key gives one answer', async () => {
  await start('Preference');
  press('Digit1');
  expect(answers()).toEqual([]);
  press('KeyF');
  await act(async () => {
    press('Digit1');
    press('Digit1');
  });
  await dialog(/trial 2 of 20/);
  expect(answers()).toMatchObject([
    { trial: 0, answer: { kind: 'preference', choice: 'first' }, plays: [1, 1] },
  ]);
});

test.each([
  ['CMOS', 'Digit7', { kind: 'cmos', score: 3 }],
  ['CMOS', 'Digit1', { kind: 'cmos', score: -3 }],
  ['CMOS', 'Digit4', { kind: 'cmos', score: 0 }],
  ['ABX', 'Digit2', { kind: 'abx', choice: 'second' }],
])('%s is answered by %s', async (kind, digit, expected) => {
  await start(kind);
  for (const code of ['KeyD', 'KeyF', 'KeyG']) press(code);
  await act(async () => {
    press(digit);
  });
  await dialog(/trial 2 of 20/);
  expect(answers()[0].answer).toEqual(expected);
});

test('ratings are given to the sound heard last', async () => {
  await start('MUSHRA-like');
  for (const [sound, digit] of [
    ['KeyD', 'Digit9'],
    ['KeyF', 'Digit2'],
    ['KeyG', 'Digit0'],
  ]) {
    press(sound);
    press(digit);
  }
  press('KeyS');
  await act(async () => {
    press('Enter', { ctrlKey: true });
  });
  await dialog(/trial 2 of 20/);
  expect(answers()[0]).toMatchObject({
    answer: { kind: 'mushra', ratings: [90, 20, 100] },
    plays: [1, 1, 1, 1],
  });
});

test('a test that is left goes on where it was, and shows its result at the end alone', async () => {
  await start('Preference');
  for (let trial = 1; trial <= 20; trial++) {
    await dialog(new RegExp(`trial ${trial} of 20`));
    if (trial === 5) {
      act(closeListening);
      await act(openListening);
      expect(screen.getByText(/4 of 20 answered; scores are hidden/)).toBeDefined();
      await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Resume' })));
      await dialog(/trial 5 of 20/);
    }
    for (const code of ['KeyD', 'KeyF']) press(code);
    await act(async () => {
      press('Digit0');
    });
  }
  await dialog('Result of the blind test');
  expect(screen.getByText('20 answers were given.')).toBeDefined();
  expect(screen.getByRole('img', { name: /95 % intervals/ })).toBeDefined();
  await act(async () => {
    press('KeyE', { ctrlKey: true });
  });
  expect(screen.getByText(/Written: .*\.html/)).toBeDefined();
});

test('what goes wrong is said in the dialog', async () => {
  await dialog('New blind test');
  page.failNext('createListeningTest', { kind: 'storage', message: 'The disk is full.' });
  await act(async () => {
    press('Enter', { ctrlKey: true });
  });
  expect(screen.getByRole('alert').textContent).toBe('The disk is full.');
});

test('a test is deleted only after it was asked once more', async () => {
  await start('Preference');
  act(closeListening);
  await act(openListening);
  fireEvent.click(screen.getByRole('button', { name: 'Delete' }));
  expect(page.calls.map(({ name }) => name)).not.toContain('removeListeningTest');
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Delete for good' })));
  expect(page.calls.map(({ name }) => name)).toContain('removeListeningTest');
});
