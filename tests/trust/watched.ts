import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a program and all that it started asked of the network. */
export type Asked = {
  /** Calls that look a name up: of a name server, on this machine or not, or of a service that asks one. */
  lookUps: string[];
  /** Calls that connect to, send to, or listen on an address that is neither loopback nor of a Unix socket. */
  outside: string[];
  /** Calls that were seen at all, so that a watcher that sees nothing is noticed. */
  seen: number;
};

/** Ports of name servers: DNS, mDNS, and DNS over TLS. */
const NAME_PORTS = new Set([53, 5353, 853]);
/** Services that look names up for others, by their Unix sockets. */
const NAME_SOCKETS = /sun_path=@?"[^"]*(systemd\.resolve|io\.systemd\.Resolve|avahi-daemon)/;
/** A request of glibc to nscd that is about hosts: version 2, then the kind. */
const NSCD_HOSTS = /"\\2\\0\\0\\0(\\[4-7]|\\r|\\16)\\0/;
const RESOLVE_SERVICE = /org\.freedesktop\.resolve1|org\.freedesktop\.Avahi/;
const USED = /^(\d+\s+)?(connect|bind|listen|sendto|sendmsg|sendmmsg)\(/;
const IPV4 = /sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)/g;
const IPV6 = /sin6_port=htons\((\d+)\).*?inet_pton\(AF_INET6, "([^"]+)"/g;
const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;
/** Sockets that go nowhere: between processes, and to the kernel itself. */
const WITHIN = /socket\((AF_(UNIX|LOCAL|INET6?|NETLINK|ALG))\b/;

/** Reads what strace wrote. A call that another thread interrupts stands in two lines; the first has the address. */
export function asked(trace: string): Asked {
  const lines = trace.split('\n').filter((line) => /^\d*\s*\w+\(/.test(line));
  const lookUps: string[] = [];
  const outside: string[] = [];
  for (const line of lines) {
    if (/\bsocket\(AF_/.test(line) && !WITHIN.test(line)) outside.push(line);
    if (!USED.test(line)) continue;
    const addresses = [...line.matchAll(IPV4), ...line.matchAll(IPV6)].map(([, port, address]) => ({
      port: Number(port),
      address,
    }));
    if (
      addresses.some(({ port }) => NAME_PORTS.has(port)) ||
      NAME_SOCKETS.test(line) ||
      NSCD_HOSTS.test(line) ||
      RESOLVE_SERVICE.test(line)
    ) {
      lookUps.push(line);
    }
    if (addresses.some(({ address }) => !LOOPBACK.test(address))) outside.push(line);
  }
  return { lookUps, outside, seen: lines.length };
}

/** Where these are set, onnxruntime keeps silent of its own accord, and a test would prove nothing. */
const SILENCING = [
  'CI',
  'TF_BUILD',
  'GITHUB_ACTIONS',
  'GITLAB_CI',
  'CIRCLECI',
  'TRAVIS',
  'JENKINS_URL',
  'CODEBUILD_BUILD_ID',
  'BUILDKITE',
  'TEAMCITY_VERSION',
  'APPVEYOR',
  'BITBUCKET_BUILD_NUMBER',
  'SYSTEM_TEAMFOUNDATIONCOLLECTIONURI',
  'ORT_RUNNING_UNIT_TESTS',
  'ORT_DISABLE_TELEMETRY',
];

/** A home of its own for a watched program, and strace before it. */
export class Watch {
  private constructor(
    readonly folder: string,
    /** The environment of a user who has just come, with `HOME`, caches and temporary files in `folder`. */
    readonly env: Record<string, string>,
  ) {}

  static async open(): Promise<Watch> {
    // Short: the path of a Unix socket of Chromium's has to fit behind it.
    const folder = await mkdtemp(join(tmpdir(), 'tw-'));
    const temporary = join(folder, 'tmp');
    await mkdir(temporary);
    const { XDG_CACHE_HOME: _, XDG_CONFIG_HOME: __, XDG_DATA_HOME: ___, ...rest } = process.env;
    const env = Object.entries(rest).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !SILENCING.includes(entry[0]),
    );
    return new Watch(folder, { ...Object.fromEntries(env), HOME: folder, TMPDIR: temporary });
  }

  private get file(): string {
    return join(this.folder, 'trace');
  }

  /** The arguments of strace before a program and its own. */
  private get strace(): string[] {
    return [
      '-f',
      '--seccomp-bpf',
      '-qq',
      '-s',
      '256',
      '-e',
      'trace=%network',
      '-e',
      'signal=none',
      '-o',
      this.file,
    ];
  }

  /** Runs a program to its end; gives its exit code. Rejects where strace is not installed. */
  async run(program: string, args: readonly string[]): Promise<number | null> {
    const child = spawn('strace', [...this.strace, program, ...args], {
      env: this.env,
      stdio: 'ignore',
    });
    const [code] = await once(child, 'exit');
    return code;
  }

  /** A file that runs a program under strace, for those who want the path of one. */
  async wrap(program: string): Promise<string> {
    const path = join(this.folder, 'watched.sh');
    const words = ['strace', ...this.strace, program].map((word) => `'${word}'`).join(' ');
    await writeFile(path, `#!/bin/sh\nexec ${words} "$@"\n`);
    await chmod(path, 0o700);
    return path;
  }

  /** The calls, a line each, until the program ended. */
  trace(): Promise<string> {
    return readFile(this.file, 'utf8');
  }

  /** What was asked of the network until the program ended. */
  async asked(): Promise<Asked> {
    return asked(await this.trace());
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
