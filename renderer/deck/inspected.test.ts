import '../testing/jsdom';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FakeBridge } from '../testing/fake-bridge';
import { openPage } from '../testing/page';
import { groupOf } from './inspected';

let page: FakeBridge & { close: () => void };

beforeEach(async () => {
  page = await openPage({});
});
afterEach(() => page.close());

test('a group is asked for once of each edition of a pack', async () => {
  const asked = () => page.calls.filter(({ name }) => name === 'getGroup').length;
  const first = await groupOf('a'.repeat(64), 7, 0.5);
  expect(await groupOf('a'.repeat(64), 7, 0.5)).toBe(first);
  expect(asked()).toBe(1);
  await groupOf('b'.repeat(64), 7, 0.5);
  expect(asked()).toBe(2);
});
