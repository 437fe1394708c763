import { readFileSync } from 'node:fs';

/** Where a copy of the app looks for updates. */
export type UpdateFeed = {
  /** electron-builder's app-update.yml. */
  file: string;
  /** The only host whose name may be looked up. */
  host: string;
};

/** The feed that `file` names. Null where there is none, and where it could be read on its way. */
export function readUpdateFeed(file: string): UpdateFeed | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const address = /^url:\s*['"]?(\S+?)['"]?\s*$/m.exec(text)?.[1];
  if (address === undefined || !URL.canParse(address)) return null;
  const { protocol, hostname } = new URL(address);
  const safe = protocol === 'https:' || hostname === '127.0.0.1';
  return safe ? { file, host: hostname } : null;
}
