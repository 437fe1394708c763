import { useEffect, useState } from 'react';
import type { CallOutput } from '../../contract/calls';
import { call } from '../bridge';
import { useEngine } from '../engine/engine';
import styles from './help.module.css';

/** What is kept where on this machine, and that none of it leaves. */
export function Folders() {
  const [folders, setFolders] = useState<CallOutput<'getFolders'> | null>(null);
  const canUpdate = useEngine((engine) => engine.canUpdate);
  useEffect(() => {
    void call('getFolders').then(setFolders);
  }, []);
  return (
    <>
      <h3>Where things are kept</h3>
      <p>
        Timbrel sends nothing. It opens no connection and looks up no name unless you fetch the
        libraries for CUDA{canUpdate && ' or check for updates'}; no text, sound or usage figure
        leaves this machine. Projects and exports lie where you save them.
      </p>
      {folders && (
        <dl className={styles.folders}>
          <dt>Takes</dt>
          <dd>{folders.takes}</dd>
          <dt>Blind tests, preferences, window</dt>
          <dd>{folders.user}</dd>
          <dt>Log of warnings and failures</dt>
          <dd>{folders.logs}</dd>
          <dt>
            What Timbrel makes or fetches again: prepared graphs, device trials, libraries for CUDA
          </dt>
          <dd>{folders.cache}</dd>
        </dl>
      )}
    </>
  );
}
