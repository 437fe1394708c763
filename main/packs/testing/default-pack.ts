import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

export const DEFAULT_PACK = join(ROOT, 'models/default');

const parsed = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

/** `pack.json` of the default pack as it stands in the file. */
export const defaultPack = parsed('models/default/pack.json');

/** The exact version of a package that this program is built with. */
export function installedVersion(name: string): unknown {
  type Packages = Record<string, unknown>;
  const { dependencies, devDependencies } = parsed('package.json') as Record<string, Packages>;
  return { ...devDependencies, ...dependencies }[name];
}
