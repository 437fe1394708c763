import { AudioLines, Diff, MoveHorizontal, ZoomIn, ZoomOut } from 'lucide-react';
import { IconButton, ToggleButton } from '../controls/Button';
import styles from './deck.module.css';
import { useDeckSettings } from './deck-settings';
import { fitAll, useView, ZOOM_STEP, zoomBy } from './view';

/** What is seen of both lanes. */
export function ViewControls() {
  const isFitted = useView((view) => view.isFitted);
  const { showSpectrogram, showDifferences } = useDeckSettings();
  return (
    <div className={styles.viewControls} role="toolbar" aria-label="View">
      <ToggleButton
        name="Spectrogram"
        tooltip="Shows under each waveform its spectrum up to 8 kHz, with the pitch over it."
        shortcut="KeyG"
        isSelected={showSpectrogram}
        onChange={(showSpectrogram) => useDeckSettings.setState({ showSpectrogram })}
        icon={<AudioLines aria-hidden="true" />}
      />
      <ToggleButton
        name="Differences"
        tooltip="Shows between the lanes where their tokens and their spectra differ, as a switch compares them: word by word when switches go to the same word, else at the same time."
        shortcut="KeyD"
        isSelected={showDifferences}
        onChange={(showDifferences) => useDeckSettings.setState({ showDifferences })}
        icon={<Diff aria-hidden="true" />}
      />
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
