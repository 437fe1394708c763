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

/** Those of `missing` that lines still have: one that is made again is no more among them. */
export const missingTakes = remembering(
  (lines: readonly Line[], missing: ReadonlySet<string>): { line: string; take: LineTake }[] => {
    const found: { line: string; take: LineTake }[] = [];
    if (missing.size === 0) return found;
    for (const { id, takes } of lines) {
      for (const take of takes) if (missing.has(take.take)) found.push({ line: id, take });
    }
    return found;
  },
);

export function regenerateMissing(): void {
  regenerateTakes(missingTakes(useProject.getState().lines, useMissing.getState().takes));
}
