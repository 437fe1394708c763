import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Wheel } from '../wheels';

/** A zip archive that stores its files as they are. */
function archive(files: Record<string, Uint8Array>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, bytes] of Object.entries(files)) {
    // From the version that is needed to the lengths of the name and of what follows it.
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt32LE(crcOf(bytes), 10);
    facts.writeUInt32LE(bytes.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const entry = Buffer.alloc(46);
    entry.write('PK\u0001\u0002', 'latin1');
    entry.writeUInt16LE(20, 4);
    facts.copy(entry, 6);
    entry.writeUInt32LE(at, 42);
    directory.push(entry, Buffer.from(name));
    const local = [Buffer.from('PK\u0003\u0004', 'latin1'), facts, Buffer.from(name), bytes];
    for (const part of local) {
      parts.push(Buffer.from(part));
      at += part.length;
    }
  }
  const size = Buffer.concat(directory).length;
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  const count = Object.keys(files).length;
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

function crcOf(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** Numbers that no compression would shrink. */
function noise(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

export type ExampleWheel = { wheel: Wheel; bytes: Buffer; libraries: Record<string, Uint8Array> };

/** A stand-in for a wheel: `libraries` names and sizes of what is wanted of it. */
function exampleWheel(project: string, libraries: Record<string, number>): ExampleWheel {
  const files = Object.entries(libraries).map(([name, size], i) => {
    return [`${project}/lib/${name}`, noise(size, project.length * 100 + i)] as const;
  });
  const bytes = archive({
    [`${project}/README`]: Buffer.from('Not needed.'),
    ...Object.fromEntries(files),
  });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const sizes = Object.fromEntries(files.map(([path, { length }]) => [path, length]));
  const file = `${project.replaceAll('-', '_')}-1-py3-none-any.whl`;
  return {
    wheel: { project, file, bytes: bytes.length, sha256, libraries: sizes },
    bytes,
    libraries: Object.fromEntries(Object.keys(libraries).map((name, i) => [name, files[i][1]])),
  };
}

export const EXAMPLES: readonly ExampleWheel[] = [
  exampleWheel('first-lib', { 'libfirst.so.13': 1000 }),
  exampleWheel('second-lib', { 'libsecond.so': 400_000, 'libthird.so': 20 }),
];

export const WHEELS = EXAMPLES.map(({ wheel }) => wheel);

/** Answers a request for a file: true when it has. */
export type Trick = (asked: IncomingMessage, reply: ServerResponse, bytes: Buffer) => boolean;

export type ExampleIndex = {
  address: string;
  /** What was asked for, as `file` or `file from N`. */
  asked: string[];
  /** How the next files are answered, one after another; then as an index does. */
  tricks: Trick[];
  close: () => Promise<void>;
};

/** A package index on this machine. `page`: how it tells of files. */
export async function openExampleIndex(page: 'json' | 'html' = 'json'): Promise<ExampleIndex> {
  const asked: string[] = [];
  const tricks: Trick[] = [];
  const server = createServer((request, reply) => {
    const path = request.url ?? '';
    const listed = EXAMPLES.find(({ wheel }) => path === `/simple/${wheel.project}/`);
    if (listed) {
      const { file, sha256 } = listed.wheel;
      const link = `../../files/${file}#sha256=${sha256}`;
      reply.end(
        page === 'json'
          ? JSON.stringify({ meta: {}, files: [{ filename: file, url: link, hashes: {} }] })
          : `<html><a href="../x.whl">x.whl</a>\n<a data-y="1" href="${link}">${file}</a></html>`,
      );
      return;
    }
    const example = EXAMPLES.find(({ wheel }) => path === `/files/${wheel.file}`);
    if (!example) {
      reply.writeHead(404).end();
      return;
    }
    const from = Number(request.headers.range?.match(/^bytes=(\d+)-$/)?.[1] ?? 0);
    asked.push(example.wheel.file + (from > 0 ? ` from ${from}` : ''));
    if (tricks.shift()?.(request, reply, example.bytes)) return;
    const { length } = example.bytes;
    if (from > 0) {
      reply.writeHead(206, {
        'content-range': `bytes ${from}-${length - 1}/${length}`,
        'content-length': length - from,
      });
    } else reply.writeHead(200, { 'content-length': length });
    reply.end(example.bytes.subarray(from));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/simple`,
    asked,
    tricks,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
