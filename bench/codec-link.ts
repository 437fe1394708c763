import { join } from 'node:path';
import { forkChild } from '../main/child';
import { isCodecApart } from '../main/inference/engine';
import type { CodecCommand, CodecPlace, CodecReport, Device } from '../main/inference/messages';
import type { CodecLink } from '../main/inference/remote-codec';

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
