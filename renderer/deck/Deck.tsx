import { useEffect, useRef } from 'react';
import { Panel } from '../layout/Panel';
import styles from './deck.module.css';
import { useDeckSettings } from './deck-settings';
import { DifferenceStrip } from './difference/DifferenceStrip';
import { Inspector } from './Inspector';
import { LaneView } from './LaneView';
import { Ruler } from './Ruler';
import { ScrollBar } from './ScrollBar';
import { Transport } from './Transport';
import { ViewControls } from './ViewControls';
import { scrollTo, useView, zoomBy } from './view';

const WHEEL_ZOOM = 0.002;

/** Two lanes on one time axis, to be compared by eye and ear. */
export function Deck() {
  const stage = useRef<HTMLDivElement>(null);
  const showDifferences = useDeckSettings((settings) => settings.showDifferences);
  const members = useRef<HTMLDivElement>(null);
  useEffect(() => (stage.current ? scrollByWheel(stage.current) : undefined), []);
  const enterMembers = () =>
    members.current?.querySelector<HTMLElement>('[role="option"]')?.focus();
  return (
    <Panel title="A/B deck" extra={<ViewControls />}>
      <div className={styles.deck}>
        <Transport />
        <div ref={stage} className={styles.stage}>
          <Ruler />
          <LaneView lane="A" onEnter={enterMembers} />
          {showDifferences && <DifferenceStrip />}
          <LaneView lane="B" onEnter={enterMembers} />
          <ScrollBar />
        </div>
        <Inspector members={members} />
      </div>
    </Panel>
  );
}

/** Ctrl and the wheel zoom where the pointer is; sideways, or with Shift, it scrolls. */
function scrollByWheel(stage: HTMLElement): () => void {
  const turn = (event: WheelEvent) => {
    const { axis } = useView.getState();
    const sideways = event.deltaX !== 0 ? event.deltaX : event.shiftKey ? event.deltaY : 0;
    if (event.ctrlKey) {
      event.preventDefault();
      const left = stage.getBoundingClientRect().left;
      zoomBy(Math.exp(-event.deltaY * WHEEL_ZOOM), event.clientX - left);
    } else if (sideways !== 0) {
      event.preventDefault();
      scrollTo(axis.start + sideways / axis.pixelsPerSecond);
    }
  };
  // React's own wheel listeners cannot keep the page from zooming.
  stage.addEventListener('wheel', turn, { passive: false });
  return () => stage.removeEventListener('wheel', turn);
}
