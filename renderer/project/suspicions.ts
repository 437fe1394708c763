import type { Suspicion } from '../../contract/project';

/** What a flag means, for the row of a take and its tooltip. */
export const SUSPICION_SAYS: Record<Suspicion, string> = {
  didNotStop: 'did not stop',
  silence: 'silent for over a second',
  length: 'far from its expected length',
  clipped: 'clipped',
};
