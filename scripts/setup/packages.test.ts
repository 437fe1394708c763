import { describe, expect, it } from 'vitest';
import { isInstalled } from './packages.mjs';

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/a-windows': { version: '1.0.0', integrity: 'sha512-w', optional: true },
  },
};
const a = wanted.packages['node_modules/a'];

describe('isInstalled', () => {
  it('accepts what npm installs: everything but the root and other platforms’ packages', () => {
    expect(isInstalled(wanted, { packages: { 'node_modules/a': a } })).toBe(true);
  });

  it.each([
    ['a package is missing', {}],
    ['a version differs', { 'node_modules/a': { ...a, version: '1.0.1' } }],
    ['a content differs', { 'node_modules/a': { ...a, integrity: 'sha512-b' } }],
    ['something else is there', { 'node_modules/a': a, 'node_modules/b': a }],
  ])('asks for an installation when %s', (_, packages) => {
    expect(isInstalled(wanted, { packages })).toBe(false);
  });
});
