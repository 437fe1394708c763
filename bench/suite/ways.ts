import { type Lookahead, MAX_LOOKAHEAD, type Method } from '../../contract/settings';

/** A method at a lookahead. */
export type Way = { name: string; method: Method; lookahead: Lookahead };

/** Plainly, exactly at the pack's own lookahead and adaptively, coarse-grained at every one. */
export function waysFor(packLookahead: number): Way[] {
  const speculative = (method: 'exact' | 'pcg', lookahead: Lookahead): Way => ({
    name: `${method === 'pcg' ? 'PCG' : method}, ${lookahead === 'adaptive' ? lookahead : `K ${lookahead}`}`,
    method,
    lookahead,
  });
  const fixed = Array.from({ length: MAX_LOOKAHEAD }, (_, i) => speculative('pcg', i + 1));
  return [
    { name: 'plain', method: 'plain', lookahead: 1 },
    speculative('exact', packLookahead),
    speculative('exact', 'adaptive'),
    ...fixed,
    speculative('pcg', 'adaptive'),
  ];
}
