import { toFailure } from '../contract/failure';
import { fail } from '../main/cli/exit';
import { openPack } from '../main/cli/open-pack';
import { divergence } from '../main/inference/agreement';
import { GraphModel } from '../main/inference/graph-model';
import { type Device, type GpuUse, PLAIN_USE } from '../main/inference/messages';
import { PROVIDERS } from '../main/inference/providers';
import { threadsFor } from '../main/inference/session';
import { parseFlags } from './flags';
import { POSITION, passTimes } from './pass-times';

/*
 * `npm run bench:passes -- [--device DEVICE] [--pack FOLDER]`: what a pass of the target and of the draft takes, for
 * each of its lengths and each way of using a device, by turns; and how far it is from the CPU.
 */

const LENGTHS = [1, 2, 3, 4, 5, 7, 9];

const YES_NO = [false, true];

function usesOf(device: Device): GpuUse[] {
  const { isProcessor, capture, precisions } = PROVIDERS[device];
  if (isProcessor) return [PLAIN_USE];
  const captured = capture === null ? [false] : YES_NO;
  return captured.flatMap((captured) =>
    precisions.flatMap((precision) =>
      YES_NO.map((smallBlocks) => ({
        half: precision === 'half',
        smallBlocks,
        captured,
        draftsOnCpu: false,
      })),
    ),
  );
}

const nameOf = ({ half, smallBlocks, captured }: GpuUse) =>
  [half ? 'half' : 'single', smallBlocks ? 'blocks of 16' : '', captured ? 'captured' : '']
    .filter(Boolean)
    .join(', ');

async function benchPasses(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2));
  const device = flags.device === 'auto' ? 'cpu' : flags.device;
  const { engine } = await openPack(flags.pack, import.meta.dirname);
  for (const graph of ['target', 'draft'] as const) {
    const open = (on: Device, gpu?: GpuUse) =>
      GraphModel.open(engine[graph], engine.vocabularySize, {
        device: on,
        threads: threadsFor(graph, on),
        gpu,
      });
    const reference = await open('cpu');
    const opened = [reference];
    const tried: { name: string; model: GraphModel; apart: number }[] = [];
    for (const use of usesOf(device)) {
      try {
        const model = await open(device, use);
        opened.push(model);
        const token = (position: number, pass: number) =>
          (position * 997 + pass * 31) % engine.codebookSize;
        const apart = await divergence(reference, model, token);
        tried.push({ name: nameOf(use), model, apart });
      } catch (error) {
        console.log(`${graph}, ${nameOf(use)}: ${toFailure(error).message.slice(0, 300)}`);
      }
    }
    const times = await passTimes(
      tried.map(({ model }) => model),
      LENGTHS,
    );
    for (const [i, { name, apart }] of tried.entries()) {
      const cells = times[i].map((ms) => ms.toFixed(2));
      console.log(
        `${graph} on ${device}, ${name}: ${cells.join(' ')} ms for ${LENGTHS.join(', ')} positions at ${POSITION}; ${apart.toExponential(1)} nats from the CPU`,
      );
    }
    for (const model of opened) await model.release();
  }
}

await benchPasses().catch((error) => {
  const { kind, message } = toFailure(error);
  fail(kind, message);
});
