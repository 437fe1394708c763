import { useState } from 'react';
import type { EngineState } from '../../contract/engine';
import { Button } from '../controls/Button';
import { Dialog } from '../controls/Dialog';
import { useEngine } from '../engine/engine';
import { useJobs } from '../jobs/jobs';
import { ShortcutSection } from '../shortcuts/useShortcut';
import { CudaLibraries } from './CudaLibraries';
import styles from './status.module.css';

/** Engine, device and why no other one, speed of plain decoding, version. */
export function StatusBar() {
  const state = useEngine((engine) => engine.state);
  const version = useEngine((engine) => engine.version);
  const busy = useJobs(({ jobs }) => jobs.some((job) => job.state.phase === 'running'));
  return (
    <ShortcutSection name="Window">
      <footer className={styles.bar}>
        <span className={styles.engine} data-status={state.status} role="status">
          {showEngine(state, busy)}
        </span>
        {state.status === 'ready' && <Device state={state} />}
        {state.status === 'ready' && state.plainTokensPerSecond !== null && (
          <span>Plain decoding here: {state.plainTokensPerSecond.toFixed(0)} tokens/s</span>
        )}
        <span className={styles.version}>{version && `Timbrel ${version}`}</span>
      </footer>
    </ShortcutSection>
  );
}

function showEngine(state: EngineState, busy: boolean): string {
  switch (state.status) {
    case 'loading':
      return state.message;
    case 'failed':
      return 'Engine stopped';
    case 'ready':
      return busy ? 'Generating' : 'Ready';
  }
}

function Device({ state: { device, pack } }: { state: Extract<EngineState, { status: 'ready' }> }) {
  const [open, setOpen] = useState(false);
  const precise = device.half ? `${device.label}, half precision` : device.label;
  const name = device.draftsOnCpu ? `${precise}; drafts on the CPU` : precise;
  return (
    <>
      <Button
        name={`Runs on ${name}: details`}
        tooltip={device.passedOver.join(' ') || 'The device in use; no other was tried.'}
        shortcut="Alt+KeyE"
        tone="quiet"
        onPress={() => setOpen(true)}
      >
        Runs on {name}
      </Button>
      <Dialog title="Engine" isOpen={open} onClose={() => setOpen(false)}>
        <dl className={styles.facts}>
          <dt>Device</dt>
          <dd>{name}</dd>
          {device.memoryBytes !== undefined && (
            <>
              <dt>Memory</dt>
              <dd>{(device.memoryBytes / 1e6).toFixed(0)} MB, once loaded</dd>
            </>
          )}
          <dt>Voice pack</dt>
          <dd>{pack.name}</dd>
          <dt>Sound</dt>
          <dd>
            {pack.sampleRate / 1000} kHz, {pack.frameRate} tokens a second
          </dd>
          <dt>Codebook</dt>
          <dd>{pack.codebookSize.toLocaleString('en')} tokens</dd>
        </dl>
        {device.passedOver.length > 0 && (
          <>
            <h3 className={styles.heading}>Not in use</h3>
            <ul className={styles.reasons}>
              {device.passedOver.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </>
        )}
        <CudaLibraries />
      </Dialog>
    </>
  );
}
