import { create } from 'zustand';
import type { Take } from '../../contract/take';
import { call } from '../bridge';
import type { LaneName } from '../deck/lane-name';
import { useLanes } from '../deck/lanes';
import { useEngine } from '../engine/engine';
import { otherPackOf } from '../engine/other-pack';
import { notify } from '../notices/notices';
import { remember, usePreferences } from '../preferences/preferences';
import { hasVoice, keepSettings, settingsFor } from '../script/settings';

type Takes = {
  /** Newest first. */
  all: readonly Take[];
  search: string;
  starredOnly: boolean;
  selected: string | null;
  /** The take whose name is being edited. */
  renaming: string | null;
  /** Takes deleted since the start, the latest last. */
  removed: readonly { take: Take; dismissNotice: () => void }[];
};

export const useTakes = create<Takes>()(() => ({
  all: [],
  search: '',
  starredOnly: false,
  selected: null,
  renaming: null,
  removed: [],
}));

/** Takes that the search and the star filter leave. */
export function shownTakes({ all, search, starredOnly }: Takes): Take[] {
  const wanted = search.trim().toLowerCase();
  return all.filter(
    (take) =>
      (!starredOnly || take.starred) &&
      (wanted === '' || `${take.name}\n${take.text}`.toLowerCase().includes(wanted)),
  );
}

export async function refreshTakes(): Promise<void> {
  await attempt(async () => {
    useTakes.setState({ all: await call('listTakes') });
    const unreadable = await call('listUnreadableTakes');
    for (const message of unreadable.filter((each) => !told.has(each))) {
      told.add(message);
      notify({ kind: 'storage', message });
    }
  });
}

/** What was said of takes that cannot be read; once is enough. */
const told = new Set<string>();

/** A take that is new or has changed. */
export function upsertTake(take: Take): void {
  useTakes.setState(({ all }) => ({
    all: all.some((other) => other.id === take.id)
      ? all.map((other) => (other.id === take.id ? take : other))
      : [take, ...all].sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
  }));
}

export async function renameTake(take: Take, typed: string): Promise<void> {
  useTakes.setState({ renaming: null });
  const name = typed.trim();
  if (name === '' || name === take.name) return;
  await attempt(async () => upsertTake(await call('renameTake', { take: take.id, name })));
}

export async function starTake(take: Take): Promise<void> {
  await attempt(async () =>
    upsertTake(await call('starTake', { take: take.id, starred: !take.starred })),
  );
}

/** Moves a take aside; the notice brings it back. */
export async function removeTake(take: Take): Promise<void> {
  await attempt(async () => {
    await call('removeTake', { take: take.id });
    const { all, removed } = useTakes.getState();
    const place = all.findIndex((other) => other.id === take.id);
    const left = all.filter((other) => other.id !== take.id);
    const neighbour = left[Math.min(place, left.length - 1)];
    const dismissNotice = notify(`Deleted “${take.name}”.`, {
      action: { label: 'Undo', run: () => void restoreTake(take) },
    });
    useTakes.setState({
      all: left,
      selected: neighbour?.id ?? null,
      removed: [...removed, { take, dismissNotice }],
    });
  });
}

export async function restoreTake(take: Take): Promise<void> {
  await attempt(async () => {
    upsertTake(await call('restoreTake', { take: take.id }));
    const { removed } = useTakes.getState();
    removed.find((other) => other.take.id === take.id)?.dismissNotice();
    useTakes.setState({
      selected: take.id,
      removed: removed.filter((other) => other.take.id !== take.id),
    });
  });
}

/** Brings back the take that was deleted last. */
export async function restoreLastRemoved(): Promise<void> {
  const last = useTakes.getState().removed.at(-1);
  if (last) await restoreTake(last.take);
}

export async function sendTake(take: Take, lane: LaneName): Promise<void> {
  await attempt(() => useLanes.getState().open(lane, take.id));
}

/** Loads a take into the lane in focus and plays it from the start. */
export async function hearTake(take: Take): Promise<void> {
  await attempt(async () => {
    const { focus, open } = useLanes.getState();
    await open(focus, take.id);
    useLanes.getState().playPause();
  });
}

export async function dragTake(take: Take): Promise<void> {
  await attempt(() => call('dragTake', { take: take.id }));
}

/**
 * Puts a take's text and settings back into the script, its seed pinned. Of a take that was made
 * with another voice pack, what the loaded one does not have is replaced, and that is said.
 */
export function recallTake(take: Take): void {
  const { text, settings, settingsByPack, seedPinned } = usePreferences.getState();
  const { pack } = useEngine.getState();
  const otherPack = otherPackOf(take, pack);
  remember({ text: take.text, seedPinned: true });
  let replaced = '';
  if (pack === null || otherPack === null) keepSettings(take.settings, take.pack.id);
  else {
    const { defaults } = pack;
    const { voice } = hasVoice(pack, take.settings.voice)
      ? take.settings
      : settingsFor(pack, usePreferences.getState());
    keepSettings({ ...take.settings, voice, theta: defaults.theta }, pack.id);
    const speaker =
      voice === take.settings.voice
        ? `this pack’s ${voice} will speak`
        : `this pack has no ${take.settings.voice}, so ${voice} will speak`;
    replaced = ` It was made with ${otherPack}: ${speaker}, and θ is this pack’s ${defaults.theta.toFixed(2)}.`;
  }
  notify(
    `Text and settings of “${take.name}” are back in the script, its seed pinned.${replaced}`,
    {
      action: {
        label: 'Undo',
        run: () => remember({ text, settings, settingsByPack, seedPinned }),
      },
    },
  );
}

async function attempt(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    notify(error as Error);
  }
}
