import { describe, expect, it } from 'vitest';
import {
  currentNames,
  missingLibraries,
  packagesFor,
  usesApt,
  withTools,
} from './system-libraries.mjs';

const LDD = `	linux-vdso.so.1 (0x00007f2adf744000)
	libffmpeg.so => /opt/electron/libffmpeg.so (0x00007f2adf000000)
	libgio-2.0.so.0 => not found
	libglib-2.0.so.0 => not found
	libnss3.so => not found
	libnss3.so => not found
	libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f2ade000000)
	/lib64/ld-linux-x86-64.so.2 (0x00007f2adf746000)
`;

describe('system libraries', () => {
  it('reads the missing ones, once each, from what ldd prints', () => {
    expect(missingLibraries(LDD)).toEqual(['libgio-2.0.so.0', 'libglib-2.0.so.0', 'libnss3.so']);
  });

  it('names each Debian package once and keeps unknown libraries apart', () => {
    const libraries = [...missingLibraries(LDD), 'libfuture.so.9'];
    expect(packagesFor(libraries)).toEqual({
      packages: ['libglib2.0-0', 'libnss3'],
      unknown: ['libfuture.so.9'],
    });
  });

  it('names the packages of missing tools beside those of libraries', () => {
    expect(withTools(['libnss3'], ['Xvfb', 'strace'])).toEqual(['libnss3', 'xvfb', 'strace']);
    expect(withTools([], [])).toEqual([]);
  });

  it('uses the name that the distribution has now', async () => {
    const known = new Set(['libasound2t64', 'libnss3']);
    const names = await currentNames(['libasound2', 'libnss3'], async (name) => known.has(name));
    expect(names).toEqual(['libasound2t64', 'libnss3']);
  });

  it.each([
    ['ID=debian\n', true],
    ['NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', true],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
    ['ID=fedora\nHOME_URL="https://fedoraproject.org/#not-debian"\n', false],
    ['', false],
  ])('tells from %j whether apt is there: %s', (osRelease, expected) => {
    expect(usesApt(osRelease)).toBe(expected);
  });
});
