import { execFile } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SetupError } from '../setup/progress.mjs';

/**
 * Packs a folder as NAME.tar.gz, within which it is called NAME. The same folder and time give the same
 * bytes: electron-builder's archive would not, and wants a tool that it downloads.
 * @param {{ folder: string, name: string, output: string, time: number }} options `time` in seconds
 * @returns {Promise<string>} its path
 */
export async function buildTarball({ folder, name, output, time }) {
  const file = join(output, `${name}.tar.gz`);
  const args = [
    '--create',
    `--file=${file}`,
    '--use-compress-program=gzip -n',
    '--sort=name',
    `--mtime=@${time}`,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=go=rX,u+rw',
    '--format=gnu',
    `--transform=s,^${basename(folder).replaceAll('.', '\\.')},${name},`,
    `--directory=${dirname(folder)}`,
    basename(folder),
  ];
  await promisify(execFile)('tar', args).catch((error) => {
    throw new SetupError(`tar could not pack the folder: ${String(error.stderr).trim()}`);
  });
  return file;
}
