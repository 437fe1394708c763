import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a child to its end, passing on the signals that ask this process to stop.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<number>} its exit code; 128 + the signal's number when a signal ended it
 */
export function runToEnd(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options);
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => child.kill(signal);
    /** @type {NodeJS.Signals[]} */
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    const release = () => {
      for (const signal of signals) process.off(signal, forward);
    };
    child.once('error', (error) => {
      release();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      release();
      resolve(code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)]);
    });
  });
}

/**
 * Runs a child for what it prints, in English whatever the user's language.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<{ code: number | null, stdout: string }>} code is null when it could not be run
 */
export function readOutput(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C' },
      ...options,
    });
    let stdout = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.once('error', () => resolve({ code: null, stdout: '' }));
    child.once('close', (code) => resolve({ code, stdout }));
  });
}

/** npm itself: the one that started this command where there is one. */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script?.endsWith('npm-cli.js')) {
    return { command: process.execPath, first: [script], shell: false };
  }
  const windows = process.platform === 'win32';
  return { command: windows ? 'npm.cmd' : 'npm', first: [], shell: windows };
}

/**
 * Runs npm. Its output goes to stderr.
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<number>}
 */
export function runNpm(args, cwd) {
  const { command, first, shell } = npmCommand();
  return runToEnd(command, [...first, ...args], {
    cwd,
    shell,
    stdio: ['ignore', process.stderr, process.stderr],
  });
}

/**
 * Runs npm for what it prints.
 * @param {string[]} args
 * @param {string} cwd
 */
export function readNpm(args, cwd) {
  const { command, first, shell } = npmCommand();
  return readOutput(command, [...first, ...args], { cwd, shell });
}
