import { create } from 'zustand';
import { TAKES_AT_ONCE } from '../../contract/calls';
import type { Line, LineTake } from '../../contract/project';
import { call } from '../bridge';
import { notify } from '../notices/notices';
import { useProject } from './project';
import { regenerateTakes } from './queue';
import { remembering } from './remembering';

/** Takes of the open project whose sound is not on the disk any more. */
export const useMissing = create<{ takes: ReadonlySet<string> }>()(() => ({ takes: new Set() }));

/** Looks for the sound of every take; what is gone is offered to be made again. */
export async function lookForMissing(): Promise<void> {
  const { lines, file } = useProject.getState();
  const takes = lines.flatMap((line) => line.takes.map(({ take }) => take));
  try {
    const missing: string[] = [];
    for (let at = 0; at < takes.length; at += TAKES_AT_ONCE) {
      missing.push(
        ...(await call('findMissingTakes', { takes: takes.slice(at, at + TAKES_AT_ONCE) })),
      );
      if (useProject.getState().file !== file) return;
    }
    useMissing.setState({ takes: new Set(missing) });
  } catch (error) {
    notify(error as Error);
  }
}

/** Of each line, once: most lines are the same after an edit. */
const takesMissing = remembering((missing: ReadonlySet<string>) => {
  const known = new WeakMap<Line, LineTake[]>();
  return (line: Line): LineTake[] => {
    const found = known.get(line) ?? line.takes.filter(({ take }) => missing.has(take));
    known.set(line, found);
    return found;
  };
});

/** Those of `missing` that lines still have: one that is made again is no more among them. */
export function missingTakes(
  lines: readonly Line[],
  missing: ReadonlySet<string>,
): { line: string; take: LineTake }[] {
  const takesOf = takesMissing(missing);
  return lines.flatMap((line) => takesOf(line).map((take) => ({ line: line.id, take })));
}

/** How many these are. */
export const countMissing = remembering(
  (lines: readonly Line[], missing: ReadonlySet<string>): number => {
    if (missing.size === 0) return 0;
    const takesOf = takesMissing(missing);
    return lines.reduce((sum, line) => sum + takesOf(line).length, 0);
  },
);

export function regenerateMissing(): void {
  regenerateTakes(missingTakes(useProject.getState().lines, useMissing.getState().takes));
}
