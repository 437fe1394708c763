import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { toFailure } from '../../contract/failure';
import { writeNeighbours } from '../packs/write-neighbours';
import { fail, sentence } from './exit';

const USAGE = `npm run neighbours -- FOLDER --table FILE [--width 512] [--floor 0.2]

Builds the neighbour table of the voice pack in FOLDER and puts its hash into pack.json.

  --table FILE    the rows that tokens are compared by: int8, [codebook × width]
  --width NUMBER  numbers a row (as the manifest says)
  --floor NUMBER  keep pairs whose cosine is above it (as the manifest says)
  --help          this text`;

async function main(): Promise<void> {
  const { folder, table, width, floor } = readFlags();
  const rows = await readTable(table);
  const { neighbours, files } = await writeNeighbours({ folder, table: rows, width, floor });
  const { bytes } = files[neighbours.file];
  console.log(`${neighbours.file}: ${bytes} bytes, pairs above a cosine of ${neighbours.floor}.`);
}

function readFlags() {
  const options = {
    table: { type: 'string' },
    width: { type: 'string' },
    floor: { type: 'string' },
    help: { type: 'boolean' },
  } as const;
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    fail('usage', `${sentence(error)} Run with --help to see the options.`);
  }
  const { values, positionals } = parsed;
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  if (positionals.length !== 1 || values.table === undefined) {
    fail('usage', 'Name one pack and its table: npm run neighbours -- FOLDER --table FILE.');
  }
  const width = values.width === undefined ? undefined : Number(values.width);
  if (width !== undefined && !(Number.isInteger(width) && width > 0)) {
    fail('usage', `--width must be a whole number above 0, not ${values.width}.`);
  }
  const floor = values.floor === undefined ? undefined : Number(values.floor);
  if (floor !== undefined && !(floor >= -1 && floor <= 1)) {
    fail('usage', `--floor must lie from -1 to 1, not ${values.floor}.`);
  }
  return { folder: positionals[0], table: values.table, width, floor };
}

const readTable = async (file: string): Promise<Int8Array> => {
  const bytes = await readFile(file).catch((error: Error) => fail('usage', sentence(error)));
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
};

await main().catch((error) => {
  const failure = toFailure(error);
  fail(failure.kind, failure.message);
});
