// `npm run test:training`: the tests of models/training alone, which `npm test` runs where it can.
import { runCommand } from './setup/progress.mjs';
import { closingLines } from './tally.mjs';
import { runTrainingTests } from './training-tests.mjs';

await runCommand(async () => {
  const result = await runTrainingTests({ gpuLibraries: true }, process.argv.slice(2));
  console.log(closingLines(result).join('\n'));
  return result.failures.length === 0 ? 0 : 1;
});
