import { MoveHorizontal, ZoomIn, ZoomOut } from 'lucide-react';
import { IconButton } from '../controls/Button';
import styles from './deck.module.css';
import { fitAll, useView, ZOOM_STEP, zoomBy } from './view';

/** Zoom of both lanes. */
export function ViewControls() {
  const isFitted = useView((view) => view.isFitted);
  return (
    <div className={styles.viewControls} role="toolbar" aria-label="Zoom">
      <IconButton
        name="Zoom out"
        tooltip="Shows more of both lanes. Ctrl and the wheel zoom where the pointer is."
        shortcut="-"
        icon={<ZoomOut aria-hidden="true" />}
        isDisabled={isFitted}
        onPress={() => zoomBy(1 / ZOOM_STEP)}
      />
      <IconButton
        name="Zoom in"
        tooltip="Shows less of both lanes, larger. Ctrl and the wheel zoom where the pointer is."
        shortcut="="
        icon={<ZoomIn aria-hidden="true" />}
        onPress={() => zoomBy(ZOOM_STEP)}
      />
      <IconButton
        name="Fit"
        tooltip="Shows everything, also as it grows."
        shortcut="0"
        icon={<MoveHorizontal aria-hidden="true" />}
        isDisabled={isFitted}
        onPress={fitAll}
      />
    </div>
  );
}
