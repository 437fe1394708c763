import { temporal } from 'zundo';
import { create } from 'zustand';
import {
  type ImportedLine,
  type Line,
  type LineTake,
  MAX_LINES,
  type Project,
} from '../../contract/project';
import type { Pronunciation } from '../../contract/pronunciation';
import { MAX_TEXT_LENGTH, type SpeakSettings } from '../../contract/settings';
import { notify } from '../notices/notices';
import { currentSettings, rollSeed } from '../script/settings';

/** What undo brings back. */
type Edited = Pick<Project, 'lines' | 'pronunciations'>;

type ProjectState = Edited & {
  /** Where the project lies; null when none is open. */
  file: { path: string; name: string } | null;
};

const MOST_UNDONE = 300;

/** The open project. Every change of its lines or its list of words is a step that can be undone. */
export const useProject = create<ProjectState>()(
  temporal((): ProjectState => ({ file: null, lines: [], pronunciations: [] }), {
    partialize: ({ lines, pronunciations }): Edited => ({ lines, pronunciations }),
    equality: (a, b) => a.lines === b.lines && a.pronunciations === b.pronunciations,
    limit: MOST_UNDONE,
  }),
);

const history = () => useProject.temporal.getState();

/** What the step under way is about: typing on in one line is one step. */
let step: string | null = null;

/** Shows a project that was opened, with nothing to undo yet. */
export function showProject(file: ProjectState['file'], edited: Edited): void {
  useProject.setState({ file, lines: edited.lines, pronunciations: edited.pronunciations });
  history().clear();
  step = null;
}

export function undo(): void {
  step = null;
  history().undo();
}

export function redo(): void {
  step = null;
  history().redo();
}

/** The next change is a step of its own. */
export function endStep(): void {
  step = null;
}

/** Changes what undo brings back; changes of the same `kind` in a row are one step. */
function edit(change: Partial<Edited>, kind: string | null = null): void {
  const goesOn = kind !== null && kind === step;
  if (goesOn) history().pause();
  useProject.setState(change);
  if (goesOn) history().resume();
  step = kind;
}

/**
 * Adds what the engine made to the lines as they are and as they were, so that no undo takes it
 * away. It is no step of its own.
 */
function amend(id: string, change: (line: Line) => Line): void {
  // In most steps the line has the same place, and is the same line.
  let at = -1;
  const changed = new Map<Line, Line>();
  const amended = (lines: Line[]) => {
    if (lines[at]?.id !== id) at = lines.findIndex((line) => line.id === id);
    if (at === -1) return lines;
    const line = lines[at];
    if (!changed.has(line)) changed.set(line, change(line));
    return lines.with(at, changed.get(line) as Line);
  };
  history().pause();
  useProject.setState(({ lines }) => ({ lines: amended(lines) }));
  history().resume();
  const each = (states: Partial<Edited>[]) =>
    states.map((state) => ({ ...state, lines: amended(state.lines ?? []) }));
  useProject.temporal.setState(({ pastStates, futureStates }) => ({
    pastStates: each(pastStates),
    futureStates: each(futureStates),
  }));
}

const lines = () => useProject.getState().lines;

export function findLine(id: string): Line | undefined {
  return lines().find((line) => line.id === id);
}

/** Adds lines after the line `after`, or at the end. Returns their ids. */
export function addLines(added: readonly ImportedLine[], after: string | null = null): string[] {
  const settings = currentSettings();
  if (settings === null) {
    notify('Voices and settings appear when the pack is loaded: add lines then.');
    return [];
  }
  const room = MAX_LINES - lines().length;
  if (added.length > room) {
    notify(
      `A project holds ${MAX_LINES.toLocaleString('en')} lines: remove some, or begin another project.`,
    );
    return [];
  }
  const fresh = added.map(
    ({ text, voice, seed }): Line => ({
      id: crypto.randomUUID(),
      text,
      settings: { ...settings, voice: voice ?? settings.voice, seed: seed ?? rollSeed() },
      takes: [],
      chosen: null,
      problem: null,
    }),
  );
  const place = lines().findIndex(({ id }) => id === after);
  const at = place === -1 ? lines().length : place + 1;
  edit({ lines: [...lines().slice(0, at), ...fresh, ...lines().slice(at)] });
  return fresh.map(({ id }) => id);
}

export function removeLines(ids: ReadonlySet<string>): void {
  edit({ lines: lines().filter(({ id }) => !ids.has(id)) });
}

/** Moves lines one place up or down, as one block each. */
export function moveLines(ids: ReadonlySet<string>, by: -1 | 1): void {
  const moved = [...lines()];
  const order = by === 1 ? moved.map((_, i) => moved.length - 1 - i) : moved.map((_, i) => i);
  for (const i of order) {
    const other = moved[i + by];
    if (!ids.has(moved[i].id) || other === undefined || ids.has(other.id)) continue;
    [moved[i], moved[i + by]] = [other, moved[i]];
  }
  if (moved.some((line, i) => line !== lines()[i])) edit({ lines: moved });
}

export function setText(id: string, typed: string): void {
  const text = typed.slice(0, MAX_TEXT_LENGTH);
  edit({ lines: lines().map((line) => (line.id === id ? { ...line, text } : line)) }, `text ${id}`);
}

/** Gives lines the settings, each with the seed it has. */
export function applySettings(ids: ReadonlySet<string>, settings: SpeakSettings): void {
  const applied = (line: Line) => ({
    ...line,
    settings: { ...settings, seed: line.settings.seed },
  });
  edit({ lines: lines().map((line) => (ids.has(line.id) ? applied(line) : line)) });
}

export function chooseTake(id: string, take: string): void {
  edit({ lines: lines().map((line) => (line.id === id ? { ...line, chosen: take } : line)) });
}

export function setPronunciations(pronunciations: Pronunciation[]): void {
  edit({ pronunciations });
}

/** A new take becomes the chosen one; one made again takes the place of the lost one. */
export function addTake(id: string, take: LineTake, instead: string | null): void {
  amend(id, (line) => {
    if (instead === null || !line.takes.some((other) => other.take === instead)) {
      return { ...line, takes: [...line.takes, take], chosen: take.take, problem: null };
    }
    return {
      ...line,
      takes: line.takes.map((other) => (other.take === instead ? take : other)),
      chosen: line.chosen === instead ? take.take : line.chosen,
      problem: null,
    };
  });
}

export function setProblem(id: string, problem: string | null): void {
  amend(id, (line) => ({ ...line, problem }));
}

/** The seed of a line's next take: its own, unless a take of it has that already. */
export function nextSettings(line: Line): SpeakSettings {
  const used = line.takes.some(({ settings }) => settings.seed === line.settings.seed);
  return used ? { ...line.settings, seed: rollSeed() } : line.settings;
}

/** The project as its file holds it. */
export function currentProject(): Project {
  const { lines, pronunciations } = useProject.getState();
  return { schema: 1, lines, pronunciations };
}
