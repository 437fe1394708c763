import '../testing/jsdom';
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CudaState } from '../../contract/cuda';
import { engineChanged } from '../engine/engine';
import { absentCuda, type FakeBridge, readyEngine } from '../testing/fake-bridge';
import { openPage } from '../testing/page';
import { StatusBar } from './StatusBar';

let page: FakeBridge & { close: () => void };

beforeEach(async () => {
  page = await openPage({});
  render(<StatusBar />);
});
afterEach(() => {
  cleanup();
  page.close();
});

test.each([
  ['CPU', false, false, 'CPU'],
  ['GPU (WebGPU)', false, false, 'GPU (WebGPU)'],
  ['GPU (WebGPU)', true, false, 'GPU (WebGPU), half precision'],
  ['GPU (CUDA)', true, true, 'GPU (CUDA), half precision; drafts on the CPU'],
])('%s in half precision %s with drafts on the CPU %s is told in words', async (...row) => {
  const [label, half, draftsOnCpu, words] = row;
  if (readyEngine.status !== 'ready') throw new TypeError('The example engine is ready.');
  engineChanged({ ...readyEngine, device: { ...readyEngine.device, label, half, draftsOnCpu } });
  fireEvent.click(await screen.findByRole('button', { name: `Runs on ${words}: details` }));
  const dialog = await screen.findByRole('dialog', { name: 'Engine' });
  expect(dialog.textContent).toContain(`Device${words}`);
  expect(dialog.textContent).toContain(readyEngine.device.passedOver[0]);
});

describe('the libraries for CUDA', () => {
  async function openDialog(): Promise<HTMLElement> {
    fireEvent.click(await screen.findByRole('button', { name: /^Runs on/ }));
    return screen.findByRole('dialog', { name: 'Engine' });
  }
  const press = async (name: string) =>
    fireEvent.click(await screen.findByRole('button', { name }));
  const asked = () => page.calls.map(({ name }) => name).filter((name) => /Cuda$/.test(name));

  test('are not asked about before the dialog is opened, nor fetched before the button is pressed', async () => {
    expect(asked()).toEqual([]);
    const dialog = await openDialog();
    await within(dialog).findByText(/^Not here\. 732 MB from pypi\.org, 1001 MB on the disk\.$/);
    expect(asked()).toEqual(['getCuda']);
  });

  test('are fetched, and used from the next start on; then they can be removed', async () => {
    const dialog = await openDialog();
    await press('Fetch CUDA');
    expect(asked()).toEqual(['getCuda', 'fetchCuda']);
    await within(dialog).findByText(
      'Here, 1000 MB on the disk. Timbrel looks for them at its next start.',
    );
    await press('Remove CUDA');
    await within(dialog).findByText(/^Not here/);
    expect(asked().at(-1)).toBe('removeCuda');
  });

  test('are fetched with per cent, until that is cancelled', async () => {
    const dialog = await openDialog();
    await screen.findByRole('button', { name: 'Fetch CUDA' });
    act(() => page.send('cudaChanged', { status: 'fetching', host: 'a', fraction: 0.4299 }));
    await within(dialog).findByText('Fetching from a: 42 %');
    await press('Cancel fetching CUDA');
    expect(asked().at(-1)).toBe('cancelCuda');
    act(() => page.send('cudaChanged', absentCuda));
    await within(dialog).findByRole('button', { name: 'Fetch CUDA' });
  });

  test('say in a sentence why they could not be fetched', async () => {
    const dialog = await openDialog();
    await screen.findByRole('button', { name: 'Fetch CUDA' });
    const problem = 'The disk is full: make room, then try again.';
    act(() => page.send('cudaChanged', { ...absentCuda, problem } as CudaState));
    expect((await within(dialog).findByRole('alert')).textContent).toBe(problem);
  });

  test('that the app uses are told of without a start', async () => {
    const dialog = await openDialog();
    await screen.findByRole('button', { name: 'Fetch CUDA' });
    const present = { status: 'present', installedBytes: 1e9, isOffered: true, problem: null };
    act(() => page.send('cudaChanged', present as CudaState));
    await within(dialog).findByText('Here, 1000 MB on the disk.');
  });

  test('are no matter where there are none for the platform', async () => {
    const dialog = await openDialog();
    await screen.findByRole('button', { name: 'Fetch CUDA' });
    act(() => page.send('cudaChanged', { status: 'unsupported' }));
    expect(dialog.textContent).not.toContain('CUDA');
  });
});
