import { expect, it } from 'vitest';
import { packagedVersion } from '../../inference/packaged-library';
import { WHEELS_VERSION } from './wheels';

it('has the provider of the very version that the program carries', () => {
  expect(WHEELS_VERSION).toBe(packagedVersion());
});
