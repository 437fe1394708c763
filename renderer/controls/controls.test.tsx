import '../testing/jsdom';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listenForShortcuts, useShortcuts } from '../shortcuts/registry';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { NumberField } from './NumberField';
import { Select } from './Select';
import { Slider } from './Slider';

let off: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  off = listenForShortcuts(window);
});
afterEach(() => {
  cleanup();
  off();
  vi.useRealTimers();
});

const control = { name: 'Reroll', tooltip: 'Rolls a new one.', shortcut: 'Alt+KeyR' };
const altR = () => fireEvent.keyDown(document.body, { key: 'r', code: 'KeyR', altKey: true });

test('a button has its name, announces its key, and its key presses it', () => {
  const press = vi.fn();
  render(<Button {...control} onPress={press} />);
  const button = screen.getByRole('button', { name: 'Reroll' });
  expect(button.getAttribute('aria-keyshortcuts')).toBe('Alt+R');
  altR();
  expect(press).toHaveBeenCalledOnce();
});

test('a disabled button does not answer its key', () => {
  const press = vi.fn();
  render(<Button {...control} onPress={press} isDisabled />);
  altR();
  expect(press).not.toHaveBeenCalled();
});

test('the tooltip tells name, key and purpose, and describes the control', () => {
  render(<Button {...control} onPress={() => {}} />);
  const button = screen.getByRole('button');
  fireEvent.pointerEnter(button);
  act(() => vi.advanceTimersByTime(1000));
  expect(screen.getByRole('tooltip').textContent).toBe('RerollAlt+RRolls a new one.');
  const description = document.getElementById(button.getAttribute('aria-describedby') ?? '');
  expect(description?.textContent).toBe('Rolls a new one.');
  fireEvent.pointerLeave(button);
  expect(screen.queryByRole('tooltip')).toBeNull();
});

test('a slider’s key moves the focus to it; a double click returns to the default', () => {
  const change = vi.fn();
  render(
    <Slider
      {...control}
      value={0.8}
      onChange={change}
      minValue={0}
      maxValue={1}
      step={0.1}
      defaultMark={0.4}
    />,
  );
  altR();
  expect(document.activeElement).toBe(screen.getByRole('slider', { name: 'Reroll' }));
  const track = screen.getByRole('slider').closest('[style*="position"]')?.parentElement;
  fireEvent.doubleClick(track as Element);
  expect(change).toHaveBeenLastCalledWith(0.4);
});

test('a number out of range goes to the nearest end', () => {
  function Seed() {
    const [seed, setSeed] = useState(7);
    return (
      <>
        <NumberField {...control} value={seed} onChange={setSeed} minValue={0} maxValue={99} />
        <output>{seed}</output>
      </>
    );
  }
  render(<Seed />);
  const field = screen.getByRole('textbox');
  fireEvent.focus(field);
  fireEvent.change(field, { target: { value: '4000' } });
  fireEvent.blur(field);
  expect(screen.getByRole('status').textContent).toBe('99');
});

test('a closed list leaves the window its keys; an open one takes them', () => {
  const press = vi.fn();
  render(
    <>
      <Button {...control} onPress={press} />
      <Select
        name="Voice"
        tooltip="Who speaks."
        shortcut="Alt+KeyV"
        value="a"
        onChange={() => {}}
        options={[{ value: 'a', label: 'A' }]}
      />
    </>,
  );
  expect(useShortcuts.getState().layers).toEqual([]);
  altR();
  expect(press).toHaveBeenCalledOnce();
  fireEvent.click(screen.getByRole('button', { name: /Voice/ }));
  expect(screen.getByRole('listbox')).toBeDefined();
  altR();
  expect(press).toHaveBeenCalledOnce();
});

test('while a dialog is open Esc closes it and reaches nothing behind', () => {
  const cancel = vi.fn();
  const close = vi.fn();
  render(
    <>
      <Button {...control} shortcut="Escape" onPress={cancel} />
      <Dialog title="Export" isOpen onClose={close}>
        Body
      </Dialog>
    </>,
  );
  fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Escape', code: 'Escape' });
  expect(close).toHaveBeenCalledOnce();
  expect(cancel).not.toHaveBeenCalled();
});
