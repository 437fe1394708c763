import { createHash } from 'node:crypto';
import manifest from '../../models/default/pack.json?raw';

/** SHA-256 of the manifests of packs that ship with this program, which hold every other file's. */
export const SHIPPED: ReadonlySet<string> = new Set([
  createHash('sha256').update(manifest).digest('hex'),
]);
