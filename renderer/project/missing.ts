import { create } from 'zustand';
import type { LineTake } from '../../contract/project';
import { call } from '../bridge';
import { notify } from '../notices/notices';
import { useProject } from './project';
import { regenerateTakes } from './queue';

/** Takes of the open project whose sound is not on the disk any more. */
export const useMissing = create<{ takes: ReadonlySet<string> }>()(() => ({ takes: new Set() }));

/** Looks for the sound of every take, and offers to make again what is gone. */
export async function lookForMissing(): Promise<void> {
  const { lines, file } = useProject.getState();
  const takes = lines.flatMap((line) => line.takes.map(({ take }) => take));
  try {
    const missing = takes.length === 0 ? [] : await call('findMissingTakes', { takes });
    if (useProject.getState().file !== file) return;
    useMissing.setState({ takes: new Set(missing) });
    if (missing.length === 0) return;
    const sound = missing.length === 1 ? 'The sound of 1 take is' : `${missing.length} takes are`;
    notify(`${sound} gone from the disk; their text and settings are kept.`, {
      action: { label: 'Make again', run: regenerateMissing },
    });
  } catch (error) {
    notify(error as Error);
  }
}

export function missingTakes(): { line: string; take: LineTake }[] {
  const { takes } = useMissing.getState();
  return useProject
    .getState()
    .lines.flatMap((line) =>
      line.takes.filter(({ take }) => takes.has(take)).map((take) => ({ line: line.id, take })),
    );
}

export function regenerateMissing(): void {
  regenerateTakes(missingTakes());
}
