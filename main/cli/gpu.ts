import { parseArgs } from 'node:util';
import type { CudaState } from '../../contract/cuda';
import { FailureError, toFailure } from '../../contract/failure';
import { Cuda } from '../devices/cuda/cuda';
import { cudaHome } from '../devices/cuda/folder';
import { fail } from './exit';

const USAGE = `npm run gpu [-- --remove]

Fetches what NVIDIA's GPUs need: ONNX Runtime's provider for CUDA, and the libraries of CUDA 13 that it
links, from the Python Package Index or the index that PIP_INDEX_URL names. An earlier try that did not
end goes on from where it was. Timbrel uses them from its next start on.

  --remove               takes them away
  --help                 this text`;

function flagsOf(args: string[]) {
  const options = { remove: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    const [reason] = (error as Error).message.split(/\.\s|\n/);
    throw new FailureError('usage', `${reason.replace(/\.$/, '')}: see --help.`);
  }
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

/** A line that counts where a person looks on; elsewhere a line for each tenth. */
function showProgress(state: CudaState): void {
  if (state.status !== 'fetching') return;
  const percent = Math.floor(100 * state.fraction);
  if (process.stderr.isTTY) process.stderr.write(`\r${percent} %`);
  else if (percent > 0 && percent % 10 === 0) console.error(`${percent} %`);
}

async function fetchAll(): Promise<void> {
  const cuda = new Cuda({ onState: showProgress });
  const { state } = cuda;
  if (state.status === 'absent') {
    const { host, downloadBytes, installedBytes } = state;
    console.error(
      `Fetching ${megabytes(downloadBytes)} from ${host} (${megabytes(installedBytes)} on the disk).`,
    );
  }
  const folder = await cuda.fetch().finally(() => process.stderr.isTTY && console.error());
  console.log(`The libraries for CUDA are in ${folder}: Timbrel uses them from its next start on.`);
}

try {
  const flags = flagsOf(process.argv.slice(2));
  if (flags.help) console.log(USAGE);
  else if (flags.remove) {
    await new Cuda().remove();
    console.log(`Nothing for CUDA is left in ${cudaHome()}.`);
  } else await fetchAll();
} catch (error) {
  const { kind, message } = toFailure(error);
  fail(kind, message);
}
