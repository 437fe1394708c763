import { AudioLines, Columns2, Square } from 'lucide-react';
import { useId } from 'react';
import { Button, IconButton } from '../controls/Button';
import { Segmented } from '../controls/Segmented';
import { useLanes } from '../deck/lanes';
import { useEngine } from '../engine/engine';
import { usePreferences } from '../preferences/preferences';
import { useInspection } from '../script/inspection';
import { cancel, generate, generatePair, obstacle, useTarget } from './generate';
import { JobList } from './JobList';
import { useJobs } from './jobs';
import styles from './jobs.module.css';

/** Generate, Generate pair, Cancel, where the take goes, and how the running ones are doing. */
export function GenerateBar() {
  const text = usePreferences((preferences) => preferences.text);
  const inspection = useInspection((script) => script.inspection);
  const engine = useEngine();
  const focus = useLanes((lanes) => lanes.focus);
  const target = useTarget((state) => state.target);
  const busy = useJobs((state) => state.jobs.length > 0);
  const hint = useId();
  const reason = obstacle(text, inspection, engine);
  return (
    <div className={styles.bar}>
      <JobList />
      <div className={styles.target}>
        <span className={styles.targetLabel}>Take goes to</span>
        <Segmented
          name="Lane for a single take"
          tooltip="In focus: the lane you hear or clicked last. A or B: always that one. A pair always fills both."
          shortcut="Alt+KeyI"
          hidesLabel
          value={target}
          onChange={(chosen) => useTarget.setState({ target: chosen })}
          options={[
            { value: 'focus', label: `In focus (${focus})` },
            { value: 'A', label: 'A' },
            { value: 'B', label: 'B' },
          ]}
        />
      </div>
      <div className={styles.buttons}>
        <Button
          name="Generate"
          tooltip="Speaks the script as one take with the chosen method."
          shortcut="$mod+Enter"
          tone="primary"
          icon={<AudioLines aria-hidden="true" />}
          isDisabled={reason !== null}
          onPress={() => void generate()}
        />
        <Button
          name="Generate pair"
          tooltip="Speaks the script twice with the same seed: exact into lane A, PCG into lane B."
          shortcut="$mod+Shift+Enter"
          icon={<Columns2 aria-hidden="true" />}
          isDisabled={reason !== null}
          onPress={() => void generatePair()}
        >
          Pair
        </Button>
        <IconButton
          name="Cancel"
          tooltip="Stops the running take, and its pair. What was spoken so far is kept."
          shortcut="Escape"
          icon={<Square aria-hidden="true" />}
          isDisabled={!busy}
          onPress={() => void cancel()}
        />
      </div>
      <p id={hint} className={styles.hint} role="status">
        {reason}
      </p>
    </div>
  );
}
