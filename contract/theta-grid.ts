const STEPS = 8;

/** Thresholds at which rounds tell what would have been kept, from the pack's floor θ₀ to 1. */
export function thetaGrid(floor: number): number[] {
  return Array.from({ length: STEPS + 1 }, (_, i) =>
    i === STEPS ? 1 : floor + (i / STEPS) * (1 - floor),
  );
}
