import { join } from 'node:path';
import { forkChild } from '../child';
import { type CodecLink, isCodecApart } from '../inference/engine';
import type { CodecCommand, CodecPlace, CodecReport, Device } from '../inference/messages';

/**
 * The way to a codec in a process of its own where it has one beside a target on that device, as in the app; undefined
 * where it vocodes in the process that decodes. `entries` is where the built entries lie.
 */
export function codecLink(
  place: CodecPlace,
  target: Device,
  entries: string,
): CodecLink | undefined {
  if (!isCodecApart(place, target)) return undefined;
  return async () => forkChild<CodecCommand, CodecReport>(join(entries, 'codec.js'));
}
