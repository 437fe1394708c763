import { Dialog } from '../controls/Dialog';
import { KINDS } from './kinds';
import { closeListening, useListening } from './listening';
import styles from './listening.module.css';
import { Result, ResultActions } from './Result';
import { SetUp } from './SetUp';
import { Tests, TestsActions } from './Tests';
import { Trial } from './Trial';

/** Blind tests: those there are, the set-up of one, its trials, its result. */
export function ListeningDialog() {
  const view = useListening((listening) => listening.view);
  const problem = useListening((listening) => listening.problem);
  const warning = problem && (
    <p className={styles.problem} role="alert">
      {problem}
    </p>
  );
  switch (view.at) {
    case 'closed':
      return null;
    case 'tests':
      return (
        <Dialog
          title="Blind tests"
          size="large"
          isOpen
          onClose={closeListening}
          actions={<TestsActions />}
        >
          {warning}
          <Tests />
        </Dialog>
      );
    case 'setup':
      return <SetUp warning={warning} />;
    case 'trial': {
      const { kind, number, trials } = view.trial;
      return (
        <Dialog
          title={`${KINDS[kind].label}, trial ${number + 1} of ${trials}`}
          size="large"
          // The list of takes would tell by their lengths which is which.
          isVeiled
          isOpen
          onClose={closeListening}
        >
          {warning}
          <Trial key={number} test={view.test} trial={view.trial} />
        </Dialog>
      );
    }
    case 'result':
      return (
        <Dialog
          title="Result of the blind test"
          size="large"
          isOpen
          onClose={closeListening}
          actions={<ResultActions result={view.result} />}
        >
          {warning}
          <Result result={view.result} written={view.written} />
        </Dialog>
      );
  }
}
