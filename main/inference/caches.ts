import type { DecoderGraph } from './messages';

/** A cache as a graph takes it and as it gives it back. */
export type CacheName = { past: string; present: string };

/** Every key and value cache of a decoder, layer by layer. */
export function cacheNames(graph: DecoderGraph): CacheName[] {
  const { pastKey, pastValue, presentKey, presentValue } = graph.names;
  return Array.from({ length: graph.layers }, (_, layer) => {
    const named = (name: string) => name.replace('{layer}', String(layer));
    return [
      { past: named(pastKey), present: named(presentKey) },
      { past: named(pastValue), present: named(presentValue) },
    ];
  }).flat();
}
