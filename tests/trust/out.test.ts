import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWav } from '../../main/audio/wav';
import { ROOT } from '../app/launch';
import { record } from './figures';

/** One line that ends, without control characters, and not too long. */
const SENTENCE = /^[^\p{Cc}]{1,300}\n$/u;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timbrel-out-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Ended = { code: number | null; said: string };

/** Runs `speak` in the test's folder; a hanging one is killed and has no exit code. */
async function speak(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(process.execPath, [join(ROOT, 'out/main/speak.js'), ...args], {
    cwd: folder,
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { code, said };
}

const isRefused = ({ code, said }: Ended, exit: number) => code === exit && SENTENCE.test(said);

/** What lies at a path, so that a change of it shows. */
async function seen(path: string): Promise<string> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return 'nothing';
  const leads = found.isSymbolicLink() ? await readlink(path) : '';
  return `${found.ino} ${found.mode} ${found.mtimeMs} ${leads}`;
}

describe('speak --out', () => {
  it('writes a new file or replaces a regular one, and nothing else', async (ctx) => {
    const at = (name: string) => join(folder, name);
    await writeFile(at('target.wav'), 'untouched');
    await mkdir(at('folder'));
    execFileSync('mkfifo', [at('pipe')]);
    const server = createServer().listen(at('socket'));
    await once(server, 'listening');
    const links = {
      'link to a file': 'target.wav',
      'link to a folder': 'folder',
      'link to nothing': 'nowhere.wav',
      'link to a link': 'link to a file',
      'link to itself': 'link to itself',
      'link to a pipe': 'pipe',
      'link to a device': '/dev/null',
    };
    for (const [name, target] of Object.entries(links)) await symlink(target, at(name));
    // A stand-in for what would lie in wait beside the file.
    await symlink('target.wav', at('waited.wav.tmp'));

    const attacks = [
      ...Object.keys(links),
      'folder',
      'folder/',
      'pipe',
      'socket',
      'waited.wav',
      '.',
      '',
      'no such folder/a.wav',
      'target.wav/a.wav',
      `${'n'.repeat(300)}.wav`,
      `${'deep/'.repeat(2000)}a.wav`,
    ];
    const survived: string[] = [];
    const failed: string[] = [];
    for (const out of attacks) {
      const before = out === '' ? '' : await seen(at(out));
      const ended = await speak(['--text', 'Hi.', `--out=${out}`]);
      const after = out === '' ? '' : await seen(at(out));
      const isFine = (isRefused(ended, 2) || isRefused(ended, 4)) && before === after;
      if (isFine) survived.push(out);
      else failed.push(`${out.slice(0, 40)}: ${ended.code} ${ended.said.slice(0, 400)}`);
    }
    server.close();
    record(ctx, {
      threat: 'speak --out onto links, pipes, sockets and folders',
      tried: attacks.length,
      survived: survived.length,
      figure: `exit codes 2 and 4, one sentence each; devices are tried as links to them`,
    });
    expect(failed).toEqual([]);
    expect(await readFile(at('target.wav'), 'utf8')).toBe('untouched');
    expect(await seen(at('nowhere.wav'))).toBe('nothing');

    for (const out of ['new.wav', 'target.wav']) {
      const ended = await speak(['--text', 'Hi.', '--out', out, '--device', 'cpu']);
      expect(ended).toMatchObject({ code: 0 });
      expect(readWav(await readFile(at(out))).samples.length).toBeGreaterThan(1000);
    }
  });
});

describe('speak', () => {
  it('refuses texts that are no file or too large, and a user without a home', async (ctx) => {
    const at = (name: string) => join(folder, name);
    execFileSync('mkfifo', [at('text pipe')]);
    await symlink('/dev/zero', at('endless'));
    await writeFile(at('large'), '');
    await truncate(at('large'), 2 ** 34);
    await writeFile(at('long'), 'word '.repeat(5000));
    const files = ['text pipe', 'endless', 'large', 'long', folder, 'not there', '/dev/zero'];
    const answers = [];
    for (const file of files) answers.push(await speak(['--text-file', file]));
    const hostile = ['--voice', `\u001b[31m${'v'.repeat(100_000)}\n`, '--text', 'Hi.'];
    answers.push(await speak(hostile));
    answers.push(await speak(['--text', '\u001b[2J'.repeat(10), '--theta', '\u202e9']));
    const survived = answers.filter((ended) => isRefused(ended, 2)).length;
    record(ctx, {
      threat: 'speak: texts that are pipes, devices, folders or too large, hostile flags',
      tried: answers.length,
      survived,
      figure: 'exit code 2, one sentence each',
    });
    expect(answers.filter((ended) => !isRefused(ended, 2))).toEqual([]);
  });

  it('speaks with a file or a system folder for a cache, and misses a folder that is gone', async (ctx) => {
    if (process.platform !== 'linux')
      ctx.skip('only Linux has /proc and lets one remove such a folder');
    await writeFile(join(folder, 'no cache'), '');
    const caches = [join(folder, 'no cache'), '/proc/self'];
    const args = ['--text', 'Hi.', '--device', 'cpu'];
    const spoken = [];
    for (const cache of caches) spoken.push(await speak(args, { XDG_CACHE_HOME: cache }));
    const gone = join(folder, 'gone');
    await mkdir(gone);
    const script = `process.chdir(${JSON.stringify(gone)}); (await import('node:fs')).rmdirSync('.' + '/../gone'); await import(${JSON.stringify(join(ROOT, 'out/main/speak.js'))});`;
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', script, '--', 'speak', ...args, '--out', 'a.wav'],
      { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    const survived = spoken.filter((ended) => ended.code === 0).length;
    record(ctx, {
      threat: 'speak with a file or /proc for a cache, in a folder that is gone',
      tried: 3,
      survived: survived + (isRefused({ code, said }, 2) ? 1 : 0),
      figure: 'exit codes 0, 0 and 2',
    });
    expect(spoken.map((ended) => ended.code)).toEqual([0, 0]);
    expect(said).toMatch(/^The folder that this was started in is gone/);
    expect(code).toBe(2);
  });

  it('says in a sentence that a user has no home', async (ctx) => {
    if (process.getuid?.() !== 0) ctx.skip('only root may become a user whom nobody lists');
    const script = `process.setgid(61234); process.setuid(61234); await import(${JSON.stringify(join(ROOT, 'out/main/speak.js'))});`;
    const { HOME: _, XDG_CACHE_HOME: __, ...env } = process.env;
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', script, '--', 'speak', '--text', 'Hi.'],
      { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    record(ctx, {
      threat: 'speak as a user without a home',
      tried: 1,
      survived: isRefused({ code, said }, 4) ? 1 : 0,
      figure: 'exit code 4, one sentence',
    });
    expect({ code, said }).toEqual({
      code: 4,
      said: 'This user has no home folder: set the variable HOME to a folder, then try again.\n',
    });
  });
});
