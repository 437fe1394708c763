import '../testing/jsdom';
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDialog } from '../help/dialogs';
import { useShortcuts } from '../shortcuts/registry';
import { exampleSettings, type FakeBridge } from '../testing/fake-bridge';
import { openPage } from '../testing/page';
import { App } from './App';

// jsdom has neither sound nor a canvas to draw on.
vi.mock('../deck/player', async (original) => ({
  ...(await original<object>()),
  beginSound: () => {},
  appendSound: () => {},
  finishSound: () => {},
  setLaneGain: () => {},
  seek: () => {},
  play: () => {},
}));
vi.mock('../deck/Waveform', () => ({ Waveform: () => null }));

let page: FakeBridge & { close: () => void };

beforeEach(async () => {
  page = await openPage({
    preferences: { text: 'Hello there.' },
    takes: [
      { text: 'First line.', settings: exampleSettings },
      { text: 'Second line.', settings: exampleSettings },
    ],
  });
  render(<App />);
});
afterEach(() => {
  openDialog('none');
  cleanup();
  page.close();
});

const rows = () => within(screen.getByRole('grid', { name: 'Takes' })).getAllByRole('row');
const key = (target: Element, init: KeyboardEventInit) =>
  fireEvent.keyDown(target, { bubbles: true, ...init });

test('no two shortcuts share a key where both could answer', () => {
  const everywhere = useShortcuts
    .getState()
    .all.filter(({ layer, within: place }) => layer === null && place === null)
    .map(({ keys, name }) => `${keys}: ${name}`);
  const keys = everywhere.map((line) => line.split(': ')[0]);
  expect(everywhere.filter((_, index) => keys.indexOf(keys[index]) !== index)).toEqual([]);
  expect(keys.length).toBeGreaterThan(25);
});

test('every control has a name and a key', () => {
  const controls = ['button', 'textbox', 'searchbox', 'slider', 'switch', 'radiogroup', 'combobox']
    .flatMap((role) => screen.queryAllByRole(role))
    .filter((control) => !control.closest('[role=listbox]'));
  expect(controls.length).toBeGreaterThan(30);
  const lacking = controls
    .filter((control) => {
      const label = control.getAttribute('aria-labelledby');
      const name = control.getAttribute('aria-label') ?? label ?? control.textContent;
      // The deck's plots and ribbons have several keys each, and say them in words.
      const keys =
        control.getAttribute('aria-keyshortcuts') ?? control.getAttribute('aria-description');
      return !name || !keys;
    })
    .map((control) => control.outerHTML.slice(0, 160));
  expect(lacking).toEqual([]);
});

test('? lists the shortcuts of every panel, Esc closes the list', async () => {
  key(document.body, { key: '?', code: 'Slash', shiftKey: true });
  const dialog = screen.getByRole('dialog', { name: 'Keyboard shortcuts' });
  for (const section of ['Window', 'Script & voice', 'A/B deck', 'Takes']) {
    expect(within(dialog).getByRole('heading', { name: section })).toBeDefined();
  }
  key(dialog, { key: 'Escape', code: 'Escape' });
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('Ctrl+Enter generates once, from the text field too', async () => {
  const script = screen.getByRole('textbox', { name: 'Script text' });
  script.focus();
  key(script, { key: 'Enter', code: 'Enter', ctrlKey: true });
  await vi.waitFor(
    () => expect(page.calls.filter(({ name }) => name === 'generate')).toHaveLength(1),
    { timeout: 30_000 },
  );
});

test('a menu command does nothing while a dialog has the user’s attention', async () => {
  act(() => openDialog('help'));
  page.send('command', 'generate');
  await Promise.resolve();
  expect(page.calls.map(({ name }) => name)).not.toContain('generate');
  act(() => openDialog('none'));
  page.send('command', 'generate');
  await vi.waitFor(() => expect(page.calls.map(({ name }) => name)).toContain('generate'), {
    timeout: 30_000,
  });
});

test('the keys of the takes list act on the selected take, and only there', async () => {
  const [first, row] = rows();
  act(() => first.focus());
  key(first, { key: 'ArrowDown', code: 'ArrowDown' });
  expect(document.activeElement).toBe(row);
  expect(row.getAttribute('aria-selected')).toBe('true');
  key(document.body, { key: 's', code: 'KeyS' });
  key(row, { key: 's', code: 'KeyS' });
  key(row, { key: 'Delete', code: 'Delete' });
  await vi.waitFor(() => expect(rows()).toHaveLength(1), { timeout: 30_000 });
  expect(page.calls.filter(({ name }) => name === 'starTake')).toHaveLength(1);
  fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
  await vi.waitFor(() => expect(rows()).toHaveLength(2), { timeout: 30_000 });
});

test('a dead engine shows its sentence and a way out, and the takes stay', async () => {
  act(() =>
    page.send('engineChanged', {
      status: 'failed',
      failure: { kind: 'runtime', message: 'The engine stopped; restart it to go on.' },
    }),
  );
  expect(screen.getByRole('alert').textContent).toContain('restart it to go on');
  expect(rows()).toHaveLength(2);
  expect(screen.getByRole('slider', { name: /Group threshold/ })).toBeDefined();
  fireEvent.click(screen.getByRole('button', { name: 'Restart engine' }));
  await vi.waitFor(() => expect(screen.queryByRole('alert')).toBeNull(), { timeout: 30_000 });
  expect(page.calls.map(({ name }) => name)).toContain('restartEngine');
});

test('help says that nothing is sent, and where things are kept on this machine', async () => {
  act(() => openDialog('help'));
  const help = within(await screen.findByRole('dialog', { name: 'Help and about' }));
  help.getByText(/Timbrel sends nothing/);
  await help.findByText('/home/user/.config/Timbrel/takes');
  await help.findByText('/home/user/.cache/timbrel');
});
