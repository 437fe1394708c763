import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { addShortcut, listenForShortcuts, openLayer, type Shortcut } from './registry';

let off: (() => void)[];

beforeEach(() => {
  off = [listenForShortcuts(window)];
  document.body.innerHTML = `
    <textarea></textarea><input id="number" /><input id="slider" type="range" />
    <button id="button">Press</button><div id="list" tabindex="0"></div>`;
});
afterEach(() => {
  for (const stop of off) stop();
});

function bind(keys: string, part: Partial<Shortcut> = {}) {
  const run = vi.fn();
  off.push(
    addShortcut({ keys, name: keys, section: 'Test', layer: null, within: null, run, ...part }),
  );
  return run;
}

function press(target: Element | null, key: string, part: KeyboardEventInit = {}) {
  const code = part.code ?? (key.length === 1 ? `Key${key.toUpperCase()}` : key);
  const event = new KeyboardEvent('keydown', {
    key,
    code,
    bubbles: true,
    cancelable: true,
    ...part,
  });
  (target ?? document.body).dispatchEvent(event);
  return event;
}

const find = (selector: string) => document.querySelector<HTMLElement>(selector);

test('a bare letter is text in a text field and a shortcut anywhere else', () => {
  const run = bind('KeyS');
  press(find('textarea'), 's');
  press(find('#number'), 's');
  expect(run).not.toHaveBeenCalled();
  press(find('#slider'), 's');
  press(document.body, 's');
  expect(run).toHaveBeenCalledTimes(2);
});

test('keys with Ctrl, function keys and Esc work while typing, and the page keeps them', () => {
  const generate = bind('$mod+Enter');
  const help = bind('F1');
  const cancel = bind('Escape');
  const event = press(find('textarea'), 'Enter', { ctrlKey: true });
  press(find('textarea'), 'F1');
  press(find('textarea'), 'Escape');
  expect(generate).toHaveBeenCalledOnce();
  expect(help).toHaveBeenCalledOnce();
  expect(cancel).toHaveBeenCalledOnce();
  expect(event.defaultPrevented).toBe(true);
});

test('Ctrl+Shift+Enter is not Ctrl+Enter', () => {
  const single = bind('$mod+Enter');
  const pair = bind('$mod+Shift+Enter');
  press(document.body, 'Enter', { ctrlKey: true, shiftKey: true });
  expect(single).not.toHaveBeenCalled();
  expect(pair).toHaveBeenCalledOnce();
});

test('an open dialog hears its own keys and the window hears none', () => {
  const window_ = bind('Escape');
  const layer = Symbol('dialog');
  const dialog = bind('Escape', { layer });
  const close = openLayer(layer);
  press(document.body, 'Escape');
  expect(dialog).toHaveBeenCalledOnce();
  expect(window_).not.toHaveBeenCalled();
  close();
  press(document.body, 'Escape');
  expect(window_).toHaveBeenCalledOnce();
});

test('a shortcut of a place answers only with the focus inside, and before the window’s', () => {
  const everywhere = bind('$mod+KeyE');
  const here = bind('$mod+KeyE', { within: () => find('#list') });
  press(document.body, 'e', { ctrlKey: true });
  expect(everywhere).toHaveBeenCalledOnce();
  press(find('#list'), 'e', { ctrlKey: true });
  expect(here).toHaveBeenCalledOnce();
  expect(everywhere).toHaveBeenCalledOnce();
});

test('a number being typed is committed before the shortcut runs', () => {
  const order: string[] = [];
  const field = find('#number');
  field?.focus();
  field?.addEventListener('blur', () => order.push('committed'));
  bind('$mod+Enter', { run: () => order.push('ran') });
  press(field, 'Enter', { ctrlKey: true });
  expect(order).toEqual(['committed', 'ran']);
  expect(document.activeElement).toBe(field);
});

test('a shortcut that was taken off is silent', () => {
  const run = vi.fn();
  addShortcut({ keys: 'F2', name: 'x', section: 'x', layer: null, within: null, run })();
  press(document.body, 'F2');
  expect(run).not.toHaveBeenCalled();
});
