import { expect, it } from 'vitest';
import { placeOf } from './substitute-runtime.mjs';

it.each([
  ['Cypress/Cypress', 'electron'],
  ['Cypress/locales/en-GB.pak', 'locales/en-GB.pak'],
  ['Cypress/chrome-sandbox', 'chrome-sandbox'],
  ['Cypress/resources/app/index.js', null],
  ['Cypress/browser_v8_context_snapshot.bin', null],
  ['Cypress/locales/', null],
  ['Cypress/', null],
  ['elsewhere/file', null],
])('puts %s at %s', (entry, place) => {
  expect(placeOf(entry)).toBe(place);
});
