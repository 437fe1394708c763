import { useState } from 'react';
import type { ListeningSummary } from '../../contract/listening';
import { Button } from '../controls/Button';
import { KINDS } from './kinds';
import {
  cancelPreparation,
  goOn,
  prepareTest,
  removeTest,
  setUpTest,
  showResult,
  useListening,
} from './listening';
import styles from './listening.module.css';

/** Every blind test, the newest first, with what can be done with it. */
export function Tests() {
  const tests = useListening((listening) => listening.tests);
  const unreadable = useListening((listening) => listening.unreadable);
  return (
    <>
      {unreadable.map((message) => (
        <p key={message} className={styles.problem}>
          {message}
        </p>
      ))}
      {tests.length === 0 && <p>There is no blind test yet.</p>}
      <ul className={styles.tests} aria-label="Blind tests">
        {tests.map((test) => (
          <TestRow key={test.id} test={test} />
        ))}
      </ul>
    </>
  );
}

export function TestsActions() {
  return (
    <Button
      name="New blind test"
      tooltip="Sets up another test."
      shortcut="Alt+KeyN"
      tone="primary"
      onPress={setUpTest}
    />
  );
}

function TestRow({ test }: { test: ListeningSummary }) {
  const { id, kind, conditions, createdAt, trials, state } = test;
  const [isRemoving, setRemoving] = useState(false);
  return (
    <li className={styles.test} data-status={state.status}>
      <div className={styles.about}>
        <b>{conditions.join(' · ')}</b>
        <span>
          {KINDS[kind].label}, {trials} trials, {new Date(createdAt).toLocaleString('en-GB')}
        </span>
        <span role="status">{says(test)}</span>
        {state.status === 'preparing' && (
          <progress
            className={styles.progress}
            aria-label="Takes that are there"
            max={state.takes}
            value={state.made}
          />
        )}
      </div>
      <div className={styles.actions}>
        {isRemoving ? (
          <>
            <RowButton
              name="Delete for good"
              tooltip="Deletes the test with all its answers. Takes stay."
              tone="danger"
              onPress={() => void removeTest(id)}
            />
            <RowButton
              name="Keep"
              tooltip="Leaves the test as it is."
              onPress={() => setRemoving(false)}
            />
          </>
        ) : (
          <>
            <MainAction test={test} />
            <RowButton
              name="Delete"
              tooltip="Asks once more before the test is deleted."
              onPress={() => setRemoving(true)}
            />
          </>
        )}
      </div>
    </li>
  );
}

function MainAction({ test: { id, state } }: { test: ListeningSummary }) {
  switch (state.status) {
    case 'preparing':
      return state.isRunning ? (
        <RowButton
          name="Cancel"
          tooltip="Stops generating. Takes that are there stay, and it can go on later."
          onPress={() => void cancelPreparation(id)}
        />
      ) : (
        <RowButton
          name="Generate the rest"
          tooltip="Goes on with the takes that are missing."
          tone="primary"
          onPress={() => void prepareTest(id)}
        />
      );
    case 'running':
      return (
        <RowButton
          name={state.answered === 0 ? 'Begin' : 'Resume'}
          tooltip="Plays the trial that is asked now."
          tone="primary"
          onPress={() => void goOn(id)}
        />
      );
    case 'finished':
      return (
        <RowButton
          name="Result"
          tooltip="Shows what was found."
          tone="primary"
          onPress={() => void showResult(id)}
        />
      );
  }
}

/** A button of one row among many: Enter presses it, as any button in focus. */
function RowButton(props: {
  name: string;
  tooltip: string;
  tone?: 'primary' | 'danger';
  onPress: () => void;
}) {
  return <Button {...props} shortcut="Enter" shortcutElsewhere />;
}

function says({ state, trials }: ListeningSummary): string {
  switch (state.status) {
    case 'preparing': {
      const { made, takes, isRunning, problem } = state;
      const left = `${made} of ${takes} takes are there`;
      if (isRunning) return `Generating: ${left}.`;
      return problem === null ? `Stopped: ${left}.` : `Stopped, ${left}: ${problem}`;
    }
    case 'running':
      return `${state.answered} of ${trials} answered; scores are hidden until the end.`;
    case 'finished':
      return 'Finished.';
  }
}
