// A Debian package of the packaged folder, with dpkg's own tool alone.
import { execFile } from 'node:child_process';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { readOutput } from '../setup/child-process.mjs';
import { SetupError } from '../setup/progress.mjs';
import { RUNTIME_PACKAGES } from '../setup/system-libraries.mjs';

/** Debian's names of processors, by Node's. */
const ARCHITECTURES = new Map([
  ['x64', 'amd64'],
  ['arm64', 'arm64'],
]);

const ICON_SIZES = new Map([
  ['icon-256.png', '256x256'],
  ['icon.svg', 'scalable'],
]);

/**
 * @param {string} name
 * @param {string} title
 */
const desktopEntry = (name, title) => `[Desktop Entry]
Type=Application
Name=${title}
Comment=A studio for speech-token models
Exec=/opt/${name}/timbrel
Icon=${name}
Terminal=false
Categories=AudioVideo;Audio;
StartupWMClass=${title}
`;

/**
 * Ubuntu 24.04 and later give user namespaces, which the sandbox is made of, only to programs with a profile.
 * @param {string} name
 */
const appArmorProfile = (name) => `abi <abi/4.0>,
include <tunables/global>

profile ${name} /opt/${name}/timbrel flags=(unconfined) {
  userns,
  include if exists <local/${name}>
}
`;

/** @param {string} name */
const afterInstall = (name) => `#!/bin/sh
set -e
profile=/opt/${name}/apparmor-profile
# An AppArmor that cannot read the profile restricts no namespaces either.
if [ "$1" = configure ] && aa-enabled --quiet 2>/dev/null &&
  apparmor_parser --skip-kernel-load --skip-cache "$profile" >/dev/null 2>&1; then
  cp "$profile" /etc/apparmor.d/${name}
  apparmor_parser --replace --write-cache /etc/apparmor.d/${name} || true
fi
`;

/** @param {string} name */
const beforeRemoval = (name) => `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -f /etc/apparmor.d/${name} ]; then
  apparmor_parser --remove /etc/apparmor.d/${name} 2>/dev/null || true
  rm -f /etc/apparmor.d/${name}
fi
`;

/**
 * Every licence in the package, as plain text.
 * @param {import('../../contract/licences').Licences} licences
 */
function copyrightFile(licences) {
  const divider = '='.repeat(72);
  const parts = licences.map(({ packages, licence, text }) => {
    const names = packages.map(({ name, version }) => `${name} ${version}`.trim()).join(', ');
    return `${names}\n${licence}\n\n${text}\n`;
  });
  const chromium =
    'Electron and Chromium: LICENSE.electron.txt and LICENSES.chromium.html in the program’s folder.\n';
  return [...parts, chromium].join(`\n${divider}\n\n`);
}

/**
 * @typedef {{ name: string, title: string, version: string, folder: string, root: string,
 *   output: string, compression: 'xz' | 'none', time: number }} DebOptions `name` is that of the
 *   package, `folder` what electron-builder made, `output` the folder to write to, `time` in seconds
 */

/**
 * Lays out what the package installs, and what dpkg is to know and do.
 * @param {string} stage an empty folder
 * @param {DebOptions} options
 * @param {string} architecture
 */
async function layOut(stage, { name, title, version, folder, root }, architecture) {
  const at = (/** @type {string} */ path) => join(stage, path);
  const program = at(`opt/${name}`);
  await cp(folder, program, { recursive: true, verbatimSymlinks: true });
  const { author, description } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const licences = JSON.parse(await readFile(join(root, 'out/renderer/licences.json'), 'utf8'));
  const changes = await readFile(join(root, 'CHANGELOG.md'));
  const size = Math.ceil((await bytesIn(program)) / 1024);
  const control = `Package: ${name}
Version: ${debianVersion(version)}
Architecture: ${architecture}
Maintainer: ${author} <maintainers@timbrel.invalid>
Installed-Size: ${size}
Depends: ${RUNTIME_PACKAGES.join(', ')}
Recommends: xdg-utils
Section: sound
Priority: optional
Description: studio for speech-token models
 ${description}
`;
  const icons = [...ICON_SIZES].map(([file, folder]) => ({
    from: join(root, 'assets', file),
    to: `usr/share/icons/hicolor/${folder}/apps/${name}${file.slice(file.lastIndexOf('.'))}`,
  }));
  /** @type {[string, string | Buffer][]} */
  const files = [
    [`opt/${name}/apparmor-profile`, appArmorProfile(name)],
    [`usr/share/applications/${name}.desktop`, desktopEntry(name, title)],
    [`usr/share/doc/${name}/copyright`, copyrightFile(licences)],
    [`usr/share/doc/${name}/changelog.gz`, gzipSync(changes, { level: 9 })],
    ['DEBIAN/control', control],
    ['DEBIAN/postinst', afterInstall(name)],
    ['DEBIAN/prerm', beforeRemoval(name)],
  ];
  for (const { from, to } of icons) files.push([to, await readFile(from)]);
  for (const [path, content] of files) {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), content);
  }
  await mkdir(at('usr/bin'), { recursive: true });
  await symlink(`/opt/${name}/timbrel`, at(`usr/bin/${name}`));
  await setModes(stage);
  for (const script of ['postinst', 'prerm']) await chmod(at(`DEBIAN/${script}`), 0o755);
  // Where there are no user namespaces, the sandbox is made by this program, which has to be root's.
  await chmod(join(program, 'chrome-sandbox'), 0o4755);
}

/**
 * Readable by all and writable by their owner, whatever the umask was.
 * @param {string} folder
 */
async function setModes(folder) {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644);
  }
}

/**
 * A version before a release, 1.0.0-beta.1, sorts before it: for Debian that is a tilde.
 * @param {string} version
 */
const debianVersion = (version) => version.replace('-', '~');

/** @param {string} folder */
async function bytesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * Makes NAME_VERSION_ARCHITECTURE.deb. The program goes to /opt/NAME, and NAME starts it.
 * @param {DebOptions} options
 * @returns {Promise<string>} its path
 */
export async function buildDeb(options) {
  const { name, version, output, compression, time } = options;
  const architecture = ARCHITECTURES.get(process.arch);
  if (!architecture || (await readOutput('dpkg-deb', ['--version'])).code !== 0) {
    throw new SetupError('A Debian package needs dpkg-deb, and an x64 or arm64 processor.');
  }
  const stage = await mkdtemp(join(tmpdir(), 'timbrel-deb-'));
  try {
    await layOut(stage, options, architecture);
    const file = join(output, `${name}_${debianVersion(version)}_${architecture}.deb`);
    await promisify(execFile)(
      'dpkg-deb',
      ['--root-owner-group', `-Z${compression}`, '--build', stage, file],
      // Times later than this become this, so that the same commit gives the same package.
      { env: { ...process.env, SOURCE_DATE_EPOCH: String(time) } },
    );
    return file;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}
