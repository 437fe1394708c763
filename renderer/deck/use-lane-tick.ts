import { useEffect, useState } from 'react';
import { onLaneData } from './lane-data';
import type { LaneName } from './lane-name';

/** Renders the component anew when a lane's data has changed, at most `perSecond` times a second. */
export function useLaneTick(perSecond: number, lane?: LaneName): void {
  const [, setTick] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const off = onLaneData((changed) => {
      if (timer !== undefined || (lane !== undefined && changed !== lane)) return;
      timer = setTimeout(() => {
        timer = undefined;
        setTick((tick) => tick + 1);
      }, 1000 / perSecond);
    });
    return () => {
      off();
      clearTimeout(timer);
    };
  }, [perSecond, lane]);
}
