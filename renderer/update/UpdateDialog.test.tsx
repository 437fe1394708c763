import '../testing/jsdom';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { FakeBridge } from '../testing/fake-bridge';
import { openPage } from '../testing/page';
import { UpdateDialog } from './UpdateDialog';
import { closeUpdate, useUpdate } from './update';

let page: FakeBridge & { close: () => void };
afterEach(async () => {
  await act(closeUpdate);
  cleanup();
  page.close();
});

async function open(update: { version: string } | null) {
  page = await openPage({ update });
  render(<UpdateDialog />);
}
const check = () => act(async () => page.send('command', 'checkForUpdate'));
const asked = () => page.calls.map(({ name }) => name).filter((name) => /update/i.test(name));

test('asks for nothing by itself', async () => {
  await open({ version: '9.0.0' });
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(asked()).toEqual([]);
});

test('downloads and installs only when each is pressed', async () => {
  await open({ version: '9.0.0' });
  await check();
  await screen.findByText('Timbrel 9.0.0 can be downloaded; this is 0.1.0.');
  expect(asked()).toEqual(['checkForUpdate']);
  fireEvent.click(screen.getByRole('button', { name: 'Download' }));
  await screen.findByText(/^Timbrel 9\.0\.0 is downloaded and verified\./);
  expect(asked()).toEqual(['checkForUpdate', 'downloadUpdate']);
  fireEvent.click(screen.getByRole('button', { name: 'Close and install' }));
  expect(asked()).toEqual(['checkForUpdate', 'downloadUpdate', 'installUpdate']);
});

test('says that this is the latest version', async () => {
  await open(null);
  await check();
  await screen.findByText('Timbrel 0.1.0 is the latest version.');
});

test('shows the sentence of a failure, and a way to try again', async () => {
  await open({ version: '9.0.0' });
  page.failNext('checkForUpdate', { kind: 'runtime', message: 'The feed is away.' });
  await check();
  expect((await screen.findByRole('alert')).textContent).toBe('The feed is away.');
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await screen.findByText(/can be downloaded/);
});

test('ends a download when the dialog is closed', async () => {
  await open({ version: '9.0.0' });
  act(() => useUpdate.setState({ update: { step: 'downloading', version: '9.0.0', share: 0.2 } }));
  await screen.findByText('Downloading Timbrel 9.0.0: 20 %.');
  await act(closeUpdate);
  expect(asked()).toEqual(['cancelUpdate']);
});
