import { type ReactNode, useState } from 'react';
import { conditionNames, sameSettings } from '../../contract/condition-names';
import {
  CONDITION_LIMITS,
  type ListeningKind,
  type ListeningSource,
  TRIAL_LIMITS,
  USUAL_TRIALS,
} from '../../contract/listening';
import type { PackSummary } from '../../contract/pack';
import type { SpeakSettings } from '../../contract/settings';
import { Button } from '../controls/Button';
import { Dialog } from '../controls/Dialog';
import { NumberField } from '../controls/NumberField';
import { Segmented } from '../controls/Segmented';
import { useEngine } from '../engine/engine';
import { usePreferences } from '../preferences/preferences';
import { useSettings } from '../script/settings';
import { useTakes } from '../takes/takes';
import { ConditionsForm } from './ConditionsForm';
import { KINDS } from './kinds';
import { closeListening, createTest, showTests, useListening } from './listening';
import styles from './listening.module.css';
import { findSettings, likeliestPair, rowsOf } from './rows-of-takes';
import { SentencesField } from './SentencesField';
import { firstSentences, sentencesIn } from './sentences';
import { TakesForm } from './TakesForm';

/** Everything a test needs, filled in already: one key starts it. */
export function SetUp({ warning }: { warning: ReactNode }) {
  const pack = useEngine((engine) => engine.pack);
  const settings = useSettings();
  if (pack === null || settings === null) {
    return (
      <Dialog title="New blind test" size="large" isOpen onClose={closeListening}>
        {warning}
        <p>Blind tests can be set up when the voice pack is loaded.</p>
      </Dialog>
    );
  }
  return <Form pack={pack} settings={settings} warning={warning} />;
}

function Form(props: { pack: PackSummary; settings: SpeakSettings; warning: ReactNode }) {
  const { pack, settings, warning } = props;
  const takes = useTakes((state) => state.all);
  const tests = useListening((listening) => listening.tests);
  const script = usePreferences((preferences) => preferences.text);
  const [kind, setKind] = useState<ListeningKind>('preference');
  const [trials, setTrials] = useState(USUAL_TRIALS);
  const [from, setFrom] = useState<ListeningSource['from']>('sentences');
  const [lines, setLines] = useState(() => firstSentences(script));
  const [conditions, setConditions] = useState<SpeakSettings[]>(() => [
    { ...settings, method: 'exact' },
    { ...settings, method: 'pcg' },
  ]);
  const found = findSettings(takes, pack.sha256);
  const [chosen, setChosen] = useState<[number, number] | null>(null);
  const [isSending, setSending] = useState(false);

  const pair = chosen ?? likeliestPair(found);
  const { max } = CONDITION_LIMITS[kind];
  const compared = conditions.slice(0, max);
  const rows = pair === null ? [] : rowsOf(found[pair[0]], found[pair[1]]);
  const sentences = sentencesIn(lines);
  const obstacle =
    from === 'takes' ? obstacleOfRows(pair, rows.length) : obstacleOfSentences(sentences, compared);

  const start = () => {
    setSending(true);
    const source: ListeningSource =
      from === 'takes' ? { from, rows } : { from, sentences, settings: compared };
    void createTest({ kind, trials, source }).finally(() => setSending(false));
  };
  return (
    <Dialog
      title="New blind test"
      size="large"
      isOpen
      onClose={closeListening}
      actions={
        <>
          {tests.length > 0 && (
            <Button
              name="All blind tests"
              tooltip="Goes to the list of tests."
              shortcut="Alt+KeyL"
              onPress={showTests}
            />
          )}
          <Button
            name="Start"
            tooltip="Fixes the trials and their order, generates what is missing, and begins."
            shortcut="$mod+Enter"
            tone="primary"
            showsKeys
            isDisabled={obstacle !== null || isSending}
            onPress={start}
          />
        </>
      }
    >
      {warning}
      <div className={styles.form}>
        <Segmented
          name="Kind"
          tooltip="What is asked in every trial."
          shortcut="Alt+KeyK"
          value={kind}
          onChange={setKind}
          options={Object.entries(KINDS).map(([value, { label }]) => ({
            value: value as ListeningKind,
            label,
          }))}
        />
        <p className={styles.hint}>{KINDS[kind].says}</p>
        <div className={styles.columns}>
          <Segmented
            name="Sounds"
            tooltip="From sentences: every trial gets takes of its own. From takes: those that are there."
            shortcut="Alt+KeyW"
            value={from}
            onChange={setFrom}
            options={[
              { value: 'sentences', label: 'From sentences' },
              { value: 'takes', label: 'From takes' },
            ]}
          />
          <NumberField
            name="Trials"
            tooltip="Fixed once the test starts. A fifth of them play one sound against itself, to tell how sure you are."
            shortcut="Alt+KeyT"
            value={trials}
            onChange={setTrials}
            minValue={TRIAL_LIMITS.min}
            maxValue={TRIAL_LIMITS.max}
            step={1}
          />
        </div>
        {from === 'sentences' ? (
          <>
            <SentencesField value={lines} onChange={setLines} />
            <ConditionsForm pack={pack} conditions={compared} most={max} onChange={setConditions} />
          </>
        ) : (
          <TakesForm found={found} pair={pair} rows={rows.length} onChange={setChosen} />
        )}
        <p className={styles.hint} role="status">
          {obstacle ?? planned(kind, from === 'takes' ? found : null, pair, compared)}
        </p>
      </div>
    </Dialog>
  );
}

function obstacleOfRows(pair: [number, number] | null, rows: number): string | null {
  if (pair === null) {
    return 'No text was spoken with two settings yet: generate a pair, or start from sentences.';
  }
  return rows === 0 ? 'No text was spoken with both settings: choose others.' : null;
}

function obstacleOfSentences(sentences: string[], settings: SpeakSettings[]): string | null {
  if (sentences.length === 0) return 'Type a sentence on each line.';
  const alike = settings.some((one, index) =>
    settings.slice(index + 1).some((other) => sameSettings(one, other)),
  );
  return alike ? 'Two of the settings are alike: change one of them.' : null;
}

function planned(
  kind: ListeningKind,
  found: ReturnType<typeof findSettings> | null,
  pair: [number, number] | null,
  compared: SpeakSettings[],
): string {
  const settings =
    found === null || pair === null ? compared : pair.map((index) => found[index].settings);
  const named = conditionNames(settings).map((name, index) => `${'ABCD'[index]} ${name}`);
  const others = kind === 'mushra' ? [...named, 'anchor'] : named;
  return `Compares ${others.join(' · ')}.`;
}
