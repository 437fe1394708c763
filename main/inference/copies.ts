import type { OnnxValueMapType, Tensor } from './onnxruntime';

/** Closed, it takes what is transferred to it and keeps nothing, in every runtime. */
const { port1: nowhere } = new MessageChannel();
nowhere.close();

/**
 * Lets go of the copies that onnxruntime-node makes of every output of a run on the CPU, also of those
 * written into tensors given to it: logits, q and rows of caches, at once, for garbage is collected late,
 * and collecting it would take a tenth of the time. Outputs that no tensor was given for stay.
 */
export function discardCopies(
  outputs: OnnxValueMapType,
  fetches: Readonly<Record<string, Tensor | null>>,
): void {
  const copies: ArrayBuffer[] = [];
  for (const name in fetches) {
    const given = fetches[name];
    if (given === null) continue;
    const buffer = bufferOf(outputs[name] as Tensor);
    if (buffer !== bufferOf(given)) copies.push(buffer);
  }
  discard(copies);
}

/** Lets go of buffers that nothing reads any more, at once. */
export function discard(buffers: ArrayBuffer[]): void {
  nowhere.postMessage(null, buffers);
}

export function bufferOf({ data }: Tensor): ArrayBuffer {
  return (data as Float32Array<ArrayBuffer>).buffer;
}
