import { create } from 'zustand';
import { addLines, endStep, removeLines, useProject } from './project';

type Selection = {
  selected: ReadonlySet<string>;
  /** The line whose text is being edited. */
  editing: string | null;
};

/** What of the list of lines the user is about. */
export const useSelection = create<Selection>()(() => ({ selected: new Set(), editing: null }));

export const select = (ids: Iterable<string>) => useSelection.setState({ selected: new Set(ids) });

export function editLine(editing: string | null): void {
  endStep();
  useSelection.setState({ editing });
}

/** The selected lines that are there, in their order. */
export function selectedLines(): string[] {
  const { selected } = useSelection.getState();
  return useProject
    .getState()
    .lines.filter(({ id }) => selected.has(id))
    .map(({ id }) => id);
}

/** Adds an empty line after the selected ones, and begins to edit it. */
export function addLine(): void {
  const [id] = addLines([{ text: '', voice: null, seed: null }], selectedLines().at(-1) ?? null);
  if (id === undefined) return;
  select([id]);
  editLine(id);
}

/** Removes the selected lines; what follows them is selected then. */
export function removeSelected(): void {
  const ids = new Set(selectedLines());
  const { lines } = useProject.getState();
  const last = lines.findLastIndex(({ id }) => ids.has(id));
  const next = lines.slice(last + 1).find(({ id }) => !ids.has(id));
  const before = lines.findLast(({ id }, i) => i < last && !ids.has(id));
  const neighbour = next ?? before;
  removeLines(ids);
  select(neighbour ? [neighbour.id] : []);
}
