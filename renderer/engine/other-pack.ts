import type { PackSummary } from '../../contract/pack';
import type { Take } from '../../contract/take';
import { useEngine } from './engine';

type MadeWith = Pick<Take, 'pack'>;

/**
 * The name of the voice pack that a take was made with, when it is not the loaded one: the take's
 * tokens, groups and θ then belong to another codebook. Else null.
 */
export function otherPackOf({ pack }: MadeWith, loaded: PackSummary | null): string | null {
  if (loaded === null || pack.sha256 === loaded.sha256) return null;
  return pack.name === loaded.name ? `another edition of ${pack.name}` : pack.name;
}

export function useOtherPack(take: MadeWith): string | null {
  return useEngine(({ pack }) => otherPackOf(take, pack));
}
