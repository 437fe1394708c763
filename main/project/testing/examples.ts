import type { Line, Project } from '../../../contract/project';
import type { ProjectStore } from '../store';

export const EXAMPLE_SETTINGS: Line['settings'] = {
  voice: 'slt',
  method: 'pcg',
  theta: 0.35,
  lookahead: 3,
  temperature: 0.8,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
  seed: 7,
};

/** The same id for the same number. */
export const exampleId = (number: number) =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

export function exampleLine(number: number, change: Partial<Line> = {}): Line {
  return {
    id: exampleId(number),
    text: `This is line ${number}.`,
    settings: EXAMPLE_SETTINGS,
    takes: [],
    chosen: null,
    problem: null,
    ...change,
  };
}

export function exampleProject(lines: number, change: Partial<Project> = {}): Project {
  return {
    schema: 1,
    pronunciations: [],
    lines: Array.from({ length: lines }, (_, i) => exampleLine(i + 1)),
    ...change,
  };
}

/** Saves all of a project, whatever of it has changed. */
export function saveWhole(store: ProjectStore, { lines, pronunciations }: Project): Promise<void> {
  store.stage(lines);
  return store.save({ order: lines.map(({ id }) => id), pronunciations });
}
