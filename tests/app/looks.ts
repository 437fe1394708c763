import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { type App, ROOT } from './launch';

/** Pictures for people; the documentation's are renewed when asked. */
const PICTURES =
  process.env.TIMBREL_PICTURES === 'docs' ? join(ROOT, 'docs/images') : join(ROOT, 'test-results');

/** Any key takes it away. */
async function hideTooltip(page: Page): Promise<void> {
  await page.keyboard.press('Shift');
  await page.getByRole('tooltip').waitFor({ state: 'detached' });
}

/** Keeps a picture of the window, or of a part of it. */
export async function picture(of: Page | Locator, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await hideTooltip('page' in of ? of.page() : of);
  await of.screenshot({ path: join(PICTURES, `${name}.png`) });
}

/** Faults of what is shown that axe calls serious or critical, in both themes. */
export async function seriousFaults(page: Page): Promise<string[]> {
  const found: string[] = [];
  const set = (theme: string | undefined) =>
    page.evaluate(async (name) => {
      const before = document.documentElement.dataset.theme;
      document.documentElement.dataset.theme = name;
      // A colour on its way to another has no contrast of its own.
      const ending = document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
      await Promise.allSettled(ending.map(({ finished }) => finished));
      return before;
    }, theme);
  const shown = await set('light');
  for (const theme of ['light', 'dark']) {
    await set(theme);
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    for (const { id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      const where = nodes.map((node) => node.target.join(' ')).join(', ');
      found.push(`${theme}: ${id}: ${where}`);
    }
  }
  await set(shown);
  return found;
}

/** The smallest window, as it is and at a zoom of 200 %, and the usual one. */
export const SMALLEST = { width: 1024, height: 700 };
export const USUAL = { width: 1440, height: 900 };

export async function resize(app: App, size: typeof USUAL, zoom = 1): Promise<void> {
  await app.electron.evaluate(
    ({ BrowserWindow }, [{ width, height }, factor]) => {
      const [window] = BrowserWindow.getAllWindows();
      window.setContentSize(width, height);
      window.webContents.setZoomFactor(factor);
    },
    [size, zoom] as const,
  );
  await vi.waitFor(
    async () => {
      const now = await app.page.evaluate(() => [window.innerWidth, window.innerHeight]);
      expect(now).toEqual([size.width / zoom, size.height / zoom]);
    },
    { timeout: 30_000, interval: 50 },
  );
}

/**
 * What of the window, or of the dialog over it, cannot be used: controls that no scrolling brings
 * into sight whole across, that something covers, or whose words run out of them, and a page that
 * is wider than the window. One line each.
 */
export async function unusable(page: Page): Promise<string[]> {
  await hideTooltip(page);
  return page.evaluate(async () => {
    const faults: string[] = [];
    const { innerWidth: width, innerHeight: height } = window;
    const over = document.documentElement.scrollWidth - width;
    if (over > 0) faults.push(`the page is ${over} px wider than the window`);
    const root = [...document.querySelectorAll('[role=dialog]')].at(-1) ?? document.body;
    const controls = root.querySelectorAll<HTMLElement>(
      'button, input, textarea, [role=slider], [role=row], [role=option]',
    );
    for (const control of controls) {
      if (!control.isConnected || control.closest('[hidden], [aria-hidden=true]')) continue;
      // Inputs of sliders, switches and choices are the size of nothing: what is around is pressed.
      const around = control.matches('input[type=range]') ? '[role=group]' : 'label';
      const shown = control.matches('input') ? (control.closest(around) ?? control) : control;
      const place = () => {
        shown.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
        const { left, right, top, bottom } = shown.getBoundingClientRect();
        const [x, y] = [(left + right) / 2, (Math.max(0, top) + Math.min(height, bottom)) / 2];
        // A tooltip leaves with the next key.
        const hit = document
          .elementsFromPoint(x, y)
          .find((each) => !each.closest('[role=tooltip]'));
        return { left, right, x, y, hit: hit ?? null };
      };
      // A long list lays its rows out anew once it is scrolled.
      for (let frame = 0; frame < 60 && !shown.contains(place().hit); frame++) {
        await new Promise(requestAnimationFrame);
      }
      if (!control.isConnected) continue;
      const { left, right, x, y, hit } = place();
      const label = control.getAttribute('aria-label') ?? control.textContent;
      const name = `${control.tagName.toLowerCase()} “${label?.slice(0, 40)}”`;
      if (left < -1 || right > width + 1) {
        faults.push(`${name} reaches from ${Math.round(left)} to ${Math.round(right)} of ${width}`);
        continue;
      }
      if (!hit || !shown.contains(hit)) {
        const what = hit ? `${hit.tagName.toLowerCase()}.${hit.className}` : 'nothing';
        faults.push(`${name} at ${Math.round(x)}, ${Math.round(y)} is hidden: ${what} is there`);
      }
      if (shown.matches('button, label') && shown.scrollWidth > shown.clientWidth + 1) {
        faults.push(`the words of ${name} run out of it`);
      }
    }
    return faults;
  });
}

/** `unusable` in the smallest window, and there at a zoom of 200 %; leaves the usual one. */
export async function unusableWhenSmall(app: App): Promise<string[]> {
  const found: string[] = [];
  for (const zoom of [1, 2]) {
    await resize(app, SMALLEST, zoom);
    found.push(...(await unusable(app.page)).map((fault) => `zoom ${zoom}: ${fault}`));
  }
  await resize(app, USUAL);
  return found;
}
