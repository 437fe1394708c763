import { z } from 'zod';
import { FailureError } from '../../../contract/failure';
import type { Wheel } from './wheels';

const PYPI = 'https://pypi.org/simple';

/** The names of files and where they lie, as the simple index tells them (PEP 691). */
const Files = z.object({ files: z.array(z.object({ filename: z.string(), url: z.string() })) });

/** A package index that speaks the simple API, such as PyPI. */
export class PackageIndex {
  private readonly base: URL;
  private readonly authorization: string | null;

  /** `address`: of its simple API; by default the one that pip is told of, or PyPI. Throws a `usage` failure for no address. */
  constructor(address = process.env.PIP_INDEX_URL || PYPI) {
    const base = webAddress(address.replace(/\/*$/, '/'));
    if (!base) {
      throw new FailureError('usage', 'PIP_INDEX_URL is not the address of a package index.');
    }
    const { username, password } = base;
    this.authorization =
      username === ''
        ? null
        : `Basic ${Buffer.from(decodeURIComponent(`${username}:${password}`)).toString('base64')}`;
    base.username = '';
    base.password = '';
    this.base = base;
  }

  get host(): string {
    return this.base.host;
  }

  /** Where a wheel lies. Throws a `runtime` failure where the index does not say. */
  async find({ project, file }: Wheel, signal?: AbortSignal): Promise<URL> {
    const page = new URL(`${project}/`, this.base);
    const accept = 'application/vnd.pypi.simple.v1+json, text/html;q=0.1';
    const reply = await this.get(page, { accept }, signal);
    if (!reply.ok) throw this.lacks(file, ` (it answers ${reply.status})`);
    const link = linkIn(await reply.text(), file);
    const found = link === undefined ? null : webAddress(link, reply.url);
    if (!found) throw this.lacks(file);
    return found;
  }

  /** Asks for something; the index's own password goes to nobody else. Throws a `TypeError` where nobody answers. */
  get(url: URL, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
    const all = new Headers(headers);
    if (this.authorization !== null && url.origin === this.base.origin) {
      all.set('authorization', this.authorization);
    }
    return fetch(url, { headers: all, signal });
  }

  private lacks(file: string, why = ''): FailureError {
    const message = `${this.host} does not have ${file}${why}: name another package index in PIP_INDEX_URL.`;
    return new FailureError('runtime', message);
  }
}

function webAddress(address: string, page?: string): URL | null {
  if (!URL.canParse(address, page)) return null;
  const url = new URL(address, page);
  return /^https?:$/.test(url.protocol) ? url : null;
}

/** The address of a file in an index's page, which is JSON or, at older indexes, HTML (PEP 503). */
function linkIn(page: string, file: string): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(page);
  } catch {
    return linksIn(page).find((link) => link.split(/[?#]/)[0].endsWith(`/${file}`));
  }
  return Files.safeParse(json).data?.files.find(({ filename }) => filename === file)?.url;
}

const linksIn = (html: string) =>
  Array.from(html.matchAll(/<a\s[^>]*?href="([^"]*)"/gi), ([, link]) =>
    link.replaceAll('&amp;', '&'),
  );
