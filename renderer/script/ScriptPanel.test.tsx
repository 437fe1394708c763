import '../testing/jsdom';
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { MAX_TEXT_LENGTH } from '../../contract/settings';
import { examplePack, type FakeBridge, readyEngine } from '../testing/fake-bridge';
import { openPage } from '../testing/page';
import { useInspection } from './inspection';
import { METHOD_SAYS } from './methods';
import { ScriptPanel } from './ScriptPanel';
import { currentSettings } from './settings';

let page: FakeBridge & { close: () => void };

async function open(options: Parameters<typeof openPage>[0] = {}) {
  page = await openPage(options);
  return render(<ScriptPanel />);
}

afterEach(() => {
  cleanup();
  page.close();
});

const script = () => screen.getByRole('textbox', { name: 'Script text' });
const type = (text: string) => fireEvent.change(script(), { target: { value: text } });
const generateButton = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Generate' });
const pairButton = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Generate pair' });

test('an empty text disables both buttons and says what to do', async () => {
  await open();
  expect(generateButton().disabled).toBe(true);
  expect(pairButton().disabled).toBe(true);
  expect(screen.getByText('Type something to say.')).toBeDefined();
  type('Hello.');
  expect(generateButton().disabled).toBe(false);
  expect(screen.queryByText('Type something to say.')).toBeNull();
  type('   \n ');
  expect(generateButton().disabled).toBe(true);
});

test('what the pack cannot speak is struck through, exactly', async () => {
  const { container } = await open();
  type('Say Привет and 你好 now.');
  await waitFor(() => {
    const struck = [...container.querySelectorAll('s')].map((range) => range.textContent);
    expect(struck).toEqual(['Привет', '你好']);
  });
  expect(screen.getByText(/8 characters are struck/)).toBeDefined();
});

test('the overlay repeats the text letter for letter, or the strikes would stand elsewhere', async () => {
  const { container } = await open();
  const text = 'a  b\n\n Привет\tc 你 ';
  type(text);
  await waitFor(() => expect(container.querySelectorAll('s')).toHaveLength(2));
  expect(container.querySelector('[aria-hidden] s')?.parentElement?.textContent).toBe(`${text}\n`);
});

test('an answer that comes after more typing is dropped', async () => {
  await open();
  const answers: (() => void)[] = [];
  const inspect = page.bridge.inspectText;
  vi.spyOn(page.bridge, 'inspectText').mockImplementation(async (input) => {
    await new Promise<void>((resolve) => answers.push(resolve));
    return inspect(input);
  });
  type('First');
  await waitFor(() => expect(answers).toHaveLength(1));
  type('Second');
  await waitFor(() => expect(answers).toHaveLength(2));
  answers[1]();
  await waitFor(() =>
    expect(useInspection.getState().inspection).toMatchObject({ text: 'Second' }),
  );
  answers[0]();
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(useInspection.getState().inspection).toMatchObject({ text: 'Second' });
});

test('a text over the limit says by how much, and is not sent to be spoken', async () => {
  await open();
  type('a'.repeat(MAX_TEXT_LENGTH + 12));
  expect(generateButton().disabled).toBe(true);
  expect(screen.getByText(/12 characters over the limit/)).toBeDefined();
});

test('a long text says into how many pieces it is split', async () => {
  await open();
  type('This is a sentence. '.repeat(30));
  expect(
    await screen.findByText(/Spoken in \d+ pieces, split at sentences and pauses, as one take/),
  ).toBeDefined();
});

test('a text that yields nothing to speak disables the buttons with the reason', async () => {
  await open();
  type('你好');
  await waitFor(() => expect(generateButton().disabled).toBe(true));
  expect(screen.getAllByText(/Nothing in this text can be spoken/).length).toBeGreaterThan(0);
});

test('a pace can be chosen where the pack has several, and is not there otherwise', async () => {
  if (readyEngine.status !== 'ready') throw new Error('the example engine must be ready');
  await open({ engine: { ...readyEngine, pack: { ...examplePack, paces: ['slow'] } } });
  const paces = await screen.findByRole('radiogroup', { name: 'Pace' });
  fireEvent.click(within(paces).getByRole('radio', { name: 'slow' }));
  expect(currentSettings()?.pace).toBe('slow');
  fireEvent.click(within(paces).getByRole('radio', { name: 'usual' }));
  expect(currentSettings()?.pace).toBeUndefined();
  act(() => page.send('engineChanged', readyEngine));
  await waitFor(() => expect(screen.queryByRole('radiogroup', { name: 'Pace' })).toBeNull());
});

test('nothing can be generated while the engine loads, and the settings wait', async () => {
  await open({
    engine: { status: 'loading', message: 'Loading the voice pack' },
    preferences: { text: 'Hello.' },
  });
  expect(generateButton().disabled).toBe(true);
  expect(screen.getByText('The engine is still loading.')).toBeDefined();
  expect(screen.getByText(/Voices and settings appear/)).toBeDefined();
});

test('θ shows the pack’s own group figures as it moves, without asking main', async () => {
  await open();
  const before = page.calls.length;
  const theta = screen.getByRole('slider', { name: /Group threshold/ });
  for (const value of [0.3, 0.55, 1]) {
    fireEvent.change(theta, { target: { value: String(value) } });
    const expected = examplePack.groups.find((group) => group.theta === value);
    expect(screen.getByText('Mean size').nextSibling?.textContent).toBe(
      expected?.meanSize.toFixed(1),
    );
    expect(screen.getByText('Median').nextSibling?.textContent).toBe(String(expected?.medianSize));
  }
  expect(page.calls.slice(before).filter(({ name }) => name !== 'inspectText')).toEqual([]);
});

test('PCG is called exact for groups, and exact decoding exact for tokens', async () => {
  await open();
  expect(screen.getByText(METHOD_SAYS.pcg).textContent).toMatch(/exact for groups/);
  fireEvent.click(screen.getByRole('radio', { name: 'Exact' }));
  expect(screen.getByText(METHOD_SAYS.exact).textContent).toMatch(/every token/);
  expect(screen.queryByText(METHOD_SAYS.pcg)).toBeNull();
});

test('typing a seed pins it', async () => {
  await open();
  const seed = screen.getByRole('textbox', { name: 'Seed' });
  fireEvent.focus(seed);
  fireEvent.change(seed, { target: { value: '4242' } });
  fireEvent.blur(seed);
  await waitFor(() =>
    expect(screen.getByRole('button', { name: 'Pin seed' }).getAttribute('aria-pressed')).toBe(
      'true',
    ),
  );
});
