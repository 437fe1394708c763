import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readNpm } from '../setup/child-process.mjs';
import { SetupError } from '../setup/progress.mjs';

/**
 * @typedef {{ 'bom-ref': string, type: string, name: string, version?: string, purl?: string }} Component
 * @typedef {{ serialNumber?: string, metadata: { timestamp?: string, component: Component },
 *   components: Component[], dependencies: { ref: string, dependsOn: string[] }[] }} Sbom
 */

/**
 * npm's list of everything installed, cut down to what travels with the app.
 * @param {Sbom} sbom
 * @param {Set<string>} travels `name version` of each package
 * @returns {Sbom} without number and time, so that the same commit gives the same text
 */
export function ofWhatTravels(sbom, travels) {
  const { serialNumber: _, ...rest } = sbom;
  const { timestamp: __, ...metadata } = sbom.metadata;
  const own = sbom.metadata.component;
  /** @type {Map<string, Component>} */
  const components = new Map();
  for (const component of sbom.components) {
    if (travels.has(`${component.name} ${component.version}`)) {
      components.set(component['bom-ref'], component);
    }
  }
  const refs = new Set([own['bom-ref'], ...components.keys()]);
  return {
    ...rest,
    metadata: { ...metadata, component: { ...own, type: 'application', name: 'timbrel' } },
    components: [...components.values()],
    dependencies: sbom.dependencies
      .filter(({ ref }) => refs.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((on) => refs.has(on)) })),
  };
}

/**
 * Writes a CycloneDX list of everything in the package, from npm's own. Needs the build in out/.
 * @param {string} root
 * @param {string} file
 * @param {string} electron version of the runtime that was packaged
 */
export async function writeSbom(root, file, electron) {
  /** @type {import('../../contract/licences').Licences} */
  const licences = JSON.parse(await readFile(join(root, 'out/renderer/licences.json'), 'utf8'));
  const travels = new Set(
    licences.flatMap(({ packages }) => packages.map(({ name, version }) => `${name} ${version}`)),
  );
  const { code, stdout } = await readNpm(['sbom', '--sbom-format', 'cyclonedx'], root);
  if (code !== 0) {
    throw new SetupError('npm could not list the packages: run npm ci, then the command again.');
  }
  const sbom = ofWhatTravels(JSON.parse(stdout), travels);
  for (const component of sbom.components) {
    if (component.name !== 'electron') continue;
    component.version = electron;
    component.purl = `pkg:npm/electron@${electron}`;
  }
  const manifest = await readFile(join(root, 'models/default/pack.json'), 'utf8');
  const pack = JSON.parse(manifest);
  const content = createHash('sha256').update(manifest).digest('hex');
  const voices = {
    'bom-ref': `voice-pack/${pack.id}`,
    type: 'machine-learning-model',
    name: pack.name,
    hashes: [{ alg: 'SHA-256', content }],
    licenses: [{ license: { id: pack.licence } }],
  };
  const whole = { ...sbom, components: [...sbom.components, voices] };
  await writeFile(file, `${JSON.stringify(whole, null, 2)}\n`);
}
