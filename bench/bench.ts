import { toFailure } from '../contract/failure';
import { fail } from '../main/cli/exit';
import { openPack } from '../main/cli/open-pack';
import { compareMethods } from './compare-methods';
import { type BenchFlags, parseFlags, USAGE } from './flags';
import { runSuite } from './suite/suite';

/** The built entries, of which this is one. */
const BUILD = import.meta.dirname;

async function bench(flags: BenchFlags): Promise<void> {
  const pack = await openPack(flags.pack, BUILD);
  if (flags.suite) await runSuite(flags, pack, BUILD);
  else await compareMethods(flags, pack, BUILD);
}

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) console.log(USAGE);
  else await bench(flags);
} catch (error) {
  const { kind, message } = toFailure(error);
  fail(kind, message);
}
