import { RotateCw, TriangleAlert } from 'lucide-react';
import { Button } from '../controls/Button';
import { restartEngine, useEngine } from '../engine/engine';
import styles from './status.module.css';

/** Above everything while the engine cannot work: what is the matter, and what to do. */
export function EngineBanner() {
  const state = useEngine((engine) => engine.state);
  if (state.status === 'ready') return null;
  if (state.status === 'loading') {
    return (
      <div className={styles.banner} data-tone="loading">
        <span className={styles.spinner} />
        <p>{state.message}</p>
      </div>
    );
  }
  return (
    <div className={styles.banner} data-tone="problem" role="alert">
      <TriangleAlert aria-hidden="true" className={styles.warning} />
      <p>{state.failure.message}</p>
      <Button
        name="Restart engine"
        tooltip="Starts the engine again. Takes and sound made so far stay."
        shortcut="Alt+Shift+KeyR"
        icon={<RotateCw aria-hidden="true" />}
        onPress={() => void restartEngine()}
      />
    </div>
  );
}
