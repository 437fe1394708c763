import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, launch, type } from './launch';
import { resize, SMALLEST, seriousFaults } from './looks';

let app: App;
beforeAll(async () => {
  app = await launch();
  await app.ready();
  await type(app.page, 'Rice is good.');
  await app.page.getByRole('button', { name: 'Generate pair', exact: true }).click();
  await app.page.locator('[aria-label="Lane B"][data-phase="ready"]').waitFor({ timeout: 60_000 });
});
afterAll(() => app?.close());

describe('the theme', () => {
  it.each(['Dark', 'Light'])('is chosen in the header: %s', async (label) => {
    await app.page.getByText(label, { exact: true }).click();
    await app.page.locator(`html[data-theme="${label.toLowerCase()}"]`).waitFor();
    expect(await seriousFaults(app.page)).toEqual([]);
  });
});

describe('a panel that holds more than it shows', () => {
  it('can be scrolled by keyboard', async () => {
    const lookahead = app.page.getByRole('radiogroup', { name: 'Lookahead' });
    await lookahead.getByRole('radio', { name: 'Adaptive' }).focus();
    await app.page.keyboard.press('ArrowLeft');
    await expect.poll(() => lookahead.getByRole('radio', { name: '8' }).isChecked()).toBe(true);
    await app.page.getByRole('button', { name: 'Generate pair', exact: true }).click();
    const histogram = app.page.getByRole('table', { name: 'Drafts kept per round' });
    await expect.poll(() => histogram.getByRole('row').count()).toBeGreaterThan(8);
    expect(await seriousFaults(app.page)).toEqual([]);
  });
});

describe('the smallest window', () => {
  it('cuts nothing off', async () => {
    await resize(app, SMALLEST);
    const overflow = await app.page.evaluate(() => ({
      sideways: document.documentElement.scrollWidth - window.innerWidth,
      down: document.documentElement.scrollHeight - window.innerHeight,
    }));
    expect(overflow.sideways).toBeLessThanOrEqual(0);
    expect(overflow.down).toBeLessThanOrEqual(0);
    for (const name of ['Generate', 'Generate pair', 'Play']) {
      const box = await app.page.getByRole('button', { name, exact: true }).boundingBox();
      expect(box).not.toBeNull();
      if (!box) continue;
      expect(box.x + box.width).toBeLessThanOrEqual(1024);
      expect(box.y + box.height).toBeLessThanOrEqual(700);
    }
  });
});

describe('every button', () => {
  it('has a name, and a key or a place in the tab order', async () => {
    const nameless = await app.page.evaluate(() =>
      [...document.querySelectorAll('button, [role=slider], input, textarea, select')]
        .filter((element) => {
          const labelled = element.getAttribute('aria-labelledby');
          const label = element.getAttribute('aria-label') ?? labelled ?? element.textContent;
          const hidden = element.closest('[hidden], [aria-hidden=true]') !== null;
          const wrapped = element.closest('label') !== null;
          return !hidden && !wrapped && !label?.trim();
        })
        .map((element) => element.outerHTML.slice(0, 120)),
    );
    expect(nameless).toEqual([]);
  });
});
