// Everything goes to stderr: stdout belongs to what the command prints itself.

/** @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Says what is being done, does it, and says how long it took.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const started = performance.now();
  say(`> ${title}`);
  const result = await work();
  say(`  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

/** A reason to stop that the user can act on: shown as its message, without a stack. */
export class SetupError extends Error {}

/**
 * Runs a command's main function; a SetupError ends it in one sentence.
 * @param {() => Promise<number>} main resolves to the exit code
 */
export async function runCommand(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
