import { create } from 'zustand';
import type { GroupMember } from '../../contract/pack';
import { call } from '../bridge';
import { laneData, onLaneData } from './lane-data';
import type { LaneName } from './lane-name';
import type { FrameDetail } from './ribbon/cells';
import type { RibbonPlace } from './ribbon/hit';

interface Inspected {
  lane: LaneName;
  place: RibbonPlace;
  detail: FrameDetail;
  /** Chosen by a click or a key: it stays when the pointer moves on. */
  isPinned: boolean;
}

export const useInspected = create<{ inspected: Inspected | null }>()(() => ({ inspected: null }));

/** Nothing happens where there is no token. */
export function inspect(lane: LaneName, place: RibbonPlace, isPinned: boolean): void {
  const detail = laneData(lane)?.cells.detail(place.frame);
  if (detail) useInspected.setState({ inspected: { lane, place, detail, isPinned } });
}

export function letGo(): void {
  useInspected.setState({ inspected: null });
}

// A lane that was emptied or filled anew no longer holds the frame.
onLaneData((lane) => {
  const { inspected } = useInspected.getState();
  if (inspected?.lane !== lane) return;
  const detail = laneData(lane)?.cells.detail(inspected.place.frame);
  if (detail?.round !== inspected.detail.round) letGo();
});

const groups = new Map<string, Promise<GroupMember[]>>();
const MOST_GROUPS = 200;

/**
 * Members of G(token) at θ by falling cosine, asked for once of each edition of a pack, which its hash tells. Throws
 * `FailureError`.
 */
export function groupOf(packSha256: string, token: number, theta: number): Promise<GroupMember[]> {
  const key = `${packSha256} ${token} ${theta}`;
  const known = groups.get(key);
  if (known) return known;
  const asked = call('getGroup', { token, theta });
  asked.catch(() => groups.delete(key));
  if (groups.size >= MOST_GROUPS) groups.delete(groups.keys().next().value ?? key);
  groups.set(key, asked);
  return asked;
}
