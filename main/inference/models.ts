import { type Codec, CodecDecoder } from './codec';
import { GraphModel } from './graph-model';
import type { CodecPack, Device, EnginePack } from './messages';
import { type CodecLink, RemoteCodec } from './remote-codec';
import { threadsFor } from './session';

/** The graphs that decode, on one device, or the draft on the CPU. */
export type Decoders = { target: GraphModel; draft: GraphModel };

/** What those graphs need of a pack. */
export type DecoderPack = Pick<EnginePack, 'target' | 'draft' | 'vocabularySize' | 'gpu'>;

/** A pack's three graphs. */
export type Models = Decoders & { codec: Codec };

/**
 * Opens a pack's graphs, the codec's on the CPU. `codecLink` has it in a process of its own;
 * `mostThreads` bounds those of each graph. Throws a `runtime` failure.
 */
export async function openModels(
  pack: EnginePack,
  device: Device,
  codecLink?: CodecLink,
  mostThreads?: number,
): Promise<Models> {
  const decoders = await openDecoders(pack, device, mostThreads);
  if (!codecLink) {
    const codec = await CodecDecoder.open(pack, threadsFor('codec', device, mostThreads));
    return { ...decoders, codec };
  }
  const codec = new RemoteCodec(codecPack(pack), codecLink);
  codec.start();
  return { ...decoders, codec };
}

function codecPack({ codecDecoder, sampleRate, frameRate }: EnginePack): CodecPack {
  return { codecDecoder, sampleRate, frameRate };
}

/** Opens the graphs that decode. Throws a `runtime` failure. */
export async function openDecoders(
  pack: DecoderPack,
  device: Device,
  mostThreads?: number,
): Promise<Decoders> {
  const open = (graph: keyof Decoders) => {
    const threads = threadsFor(graph, device, mostThreads);
    const { gpu, vocabularySize } = pack;
    const on = graph === 'draft' && gpu?.draftsOnCpu ? 'cpu' : device;
    return GraphModel.open(pack[graph], vocabularySize, { device: on, threads, gpu });
  };
  return { target: await open('target'), draft: await open('draft') };
}

export async function closeDecoders({ target, draft }: Decoders): Promise<void> {
  await Promise.all([target.release(), draft.release()]);
}

export async function closeModels({ codec, ...decoders }: Models): Promise<void> {
  await Promise.all([closeDecoders(decoders), codec.release()]);
}
