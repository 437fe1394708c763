export const LANE_NAMES = ['A', 'B'] as const;
export type LaneName = (typeof LANE_NAMES)[number];

export function otherLane(lane: LaneName): LaneName {
  return lane === 'A' ? 'B' : 'A';
}
