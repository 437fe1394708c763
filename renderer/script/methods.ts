import type { Method } from '../../contract/settings';

export const METHOD_LABELS: Record<Method, string> = { plain: 'Plain', exact: 'Exact', pcg: 'PCG' };

export const METHOD_SAYS: Record<Method, string> = {
  plain: 'The large model alone, one token at a time.',
  exact: 'A small model drafts ahead; every token is still distributed as in plain decoding.',
  pcg: 'Drafts are accepted by groups of tokens that sound alike: exact for groups.',
};
