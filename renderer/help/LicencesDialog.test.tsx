import '../testing/jsdom';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FakeBridge } from '../testing/fake-bridge';
import { openPage } from '../testing/page';
import { LicencesDialog } from './LicencesDialog';

let page: FakeBridge & { close: () => void };
beforeEach(async () => {
  page = await openPage();
});
afterEach(() => {
  vi.unstubAllGlobals();
  cleanup();
  page.close();
});

const answerWith = (body: string) =>
  vi.stubGlobal('fetch', async () => new Response(body, { headers: {} }));

test('lists packages, and shows the text of the one that is opened', async () => {
  const packages = [
    { name: 'alder', version: '1.0.0' },
    { name: 'birch', version: '2.0.0' },
  ];
  answerWith(JSON.stringify([{ packages, licence: 'MIT', text: 'May be used.' }]));
  render(<LicencesDialog onClose={() => {}} />);
  const summary = await screen.findByText(/alder 1\.0\.0 and 1 more/);
  expect(summary.textContent).toContain('MIT');
  expect(screen.queryByText('May be used.')).toBeNull();
  const details = summary.closest('details')!;
  details.open = true;
  fireEvent(details, new Event('toggle'));
  expect(screen.getByText('May be used.')).toBeDefined();
  expect(screen.getByText('For alder 1.0.0, birch 2.0.0:')).toBeDefined();
});

test('says so when they cannot be read', async () => {
  answerWith('<html>');
  render(<LicencesDialog onClose={() => {}} />);
  expect((await screen.findByRole('alert')).textContent).toMatch(/^The licences could not be read/);
});

test('opens Chromium’s licences outside the page', async () => {
  answerWith('[]');
  render(<LicencesDialog onClose={() => {}} />);
  fireEvent.click(screen.getByRole('button', { name: 'Licences of Chromium' }));
  expect(page.calls.map(({ name }) => name)).toContain('openChromiumLicences');
});
