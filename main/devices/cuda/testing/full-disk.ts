import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toFailure } from '../../../../contract/failure';
import { Cuda } from '../cuda';
import { PackageIndex } from '../package-index';
import { openExampleIndex, WHEELS } from './example-index';

// Fetches onto a disk that something else fills meanwhile, makes room and fetches again. Prints what came of it.
const [disk, runtime] = process.argv.slice(2);
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'tmpfs', disk]);
const index = await openExampleIndex();
const cuda = new Cuda({
  home: join(disk, 'cuda'),
  wheels: WHEELS,
  runtime: async () => [runtime],
  openIndex: () => new PackageIndex(index.address),
});
const filler = join(disk, 'filler');
index.tricks.push(
  () => false,
  () => {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(filler, new Uint8Array(bavail * bsize - 100_000));
    return false;
  },
);
const full = await cuda.fetch().then(() => null, toFailure);
const whileFull = cuda.state.status;
rmSync(filler);
await cuda.fetch();
const [, , again] = index.asked;
console.log(
  JSON.stringify({
    full,
    whileFull,
    kept: / from \d/.test(again),
    afterwards: cuda.state.status,
    asked: index.asked,
  }),
);
await index.close();
