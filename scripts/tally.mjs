/**
 * What a run of tests came to.
 * @typedef {{ passed: number, failures: string[], skipped: { name: string, reason: string }[] }} Tally
 */

/**
 * The parts of vitest's reporter interface that are read here.
 * @typedef {{ errors(): readonly unknown[] }} Fallible
 * @typedef {{ fullName: string, options: { mode?: string }, result(): { state: string, note?: string } }} TestCase
 * @typedef {Fallible & { fullName: string }} TestSuite
 * @typedef {Fallible & { relativeModuleId: string,
 *   children: { allTests(): Iterable<TestCase>, allSuites(): Iterable<TestSuite> } }} TestModule
 */

/**
 * Counts what vitest ran. A file that cannot be loaded, a hook that fails, an error that nobody
 * caught and a run without any test are failures too.
 * @param {readonly TestModule[]} modules
 * @param {readonly unknown[]} unhandledErrors
 * @returns {Tally}
 */
export function tally(modules, unhandledErrors) {
  /** @type {Tally} */
  const result = { passed: 0, failures: [], skipped: [] };
  for (const module of modules) {
    const file = module.relativeModuleId;
    if (module.errors().length > 0) result.failures.push(file);
    for (const suite of module.children.allSuites()) {
      if (suite.errors().length > 0) result.failures.push(`${file} > ${suite.fullName}`);
    }
    for (const test of module.children.allTests()) {
      const name = `${file} > ${test.fullName}`;
      const { state, note } = test.result();
      if (state === 'passed') result.passed++;
      else if (state === 'skipped') {
        const reason =
          note ?? (test.options.mode === 'todo' ? 'not written yet' : 'no reason given');
        result.skipped.push({ name, reason });
      } else result.failures.push(state === 'failed' ? name : `${name} (never ran)`);
    }
  }
  if (unhandledErrors.length > 0) result.failures.push('an error outside any test');
  if (result.passed + result.failures.length + result.skipped.length === 0) {
    result.failures.push('no test was found');
  }
  return result;
}

/**
 * @param {Tally[]} tallies
 * @returns {Tally}
 */
export function sum(...tallies) {
  return {
    passed: tallies.reduce((total, { passed }) => total + passed, 0),
    failures: tallies.flatMap(({ failures }) => failures),
    skipped: tallies.flatMap(({ skipped }) => skipped),
  };
}

/**
 * The last lines of a test run: what was skipped, by reason, and what failed; the very last is
 * `N passed, N failed`, and says it when tests were skipped.
 * @param {Tally} tally
 * @returns {string[]}
 */
export function closingLines({ passed, failures, skipped }) {
  const reasons = [...new Set(skipped.map(({ reason }) => reason))];
  const lines = reasons.flatMap((reason) => {
    const names = skipped.filter((one) => one.reason === reason).map(({ name }) => name);
    return [`skipped (${reason}):`, ...names.map((name) => `  ${name}`)];
  });
  lines.push(...failures.map((name) => `failed: ${name}`));
  const counts = `${passed} passed, ${failures.length} failed`;
  return [...lines, skipped.length > 0 ? `${counts}, ${skipped.length} skipped` : counts];
}
