import { Plus, Trash2, Volume2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Pronunciation, type PronunciationReport } from '../../contract/pronunciation';
import { call } from '../bridge';
import { Button, IconButton } from '../controls/Button';
import { Dialog } from '../controls/Dialog';
import { TextField } from '../controls/TextField';
import { playSound } from '../deck/player';
import { notify } from '../notices/notices';
import { currentSettings } from '../script/settings';
import { setPronunciations, useProject } from './project';
import styles from './project.module.css';

/** How the project says words, with the phones that each entry comes to, and how it sounds. */
export function PronunciationDialog({ onClose }: { onClose: () => void }) {
  const list = useProject((project) => project.pronunciations);
  const [word, setWord] = useState('');
  const [as, setAs] = useState('');
  const typed = Pronunciation.safeParse({ word, as });
  const reports = useReports(list);
  const [preview] = useReports(typed.success ? [typed.data] : []);
  const isUsable = typed.success && preview?.problem === null;
  const add = () => {
    if (!typed.success || !isUsable) return;
    const others = list.filter((entry) => entry.word.toLowerCase() !== word.trim().toLowerCase());
    setPronunciations([...others, typed.data]);
    setWord('');
    setAs('');
  };
  return (
    <Dialog title="Pronunciations" isOpen onClose={onClose} size="large">
      <p>
        A word is said as it is respelled (Nguyen: when) or by ARPAbet phones (W IH1 N), in this
        project alone.
      </p>
      <div className={styles.entry}>
        <TextField
          name="Word"
          tooltip="One word, as it is written in the lines."
          shortcut="Alt+KeyW"
          maxLength={80}
          autoFocus
          value={word}
          onChange={setWord}
        />
        <TextField
          name="Say it as"
          tooltip="Ordinary letters, or ARPAbet phones with spaces."
          shortcut="Alt+KeyS"
          maxLength={200}
          value={as}
          onChange={setAs}
        />
        <Button
          name="Hear word"
          tooltip="Says it so in a short sentence, with the voice and settings of the script panel. No take is made."
          shortcut="Alt+KeyH"
          icon={<Volume2 aria-hidden="true" />}
          isDisabled={!isUsable}
          onPress={() => typed.success && void hear(typed.data)}
        />
        <Button
          name="Add word"
          tooltip="Adds the word, or changes how it is said."
          shortcut="$mod+Enter"
          tone="primary"
          icon={<Plus aria-hidden="true" />}
          isDisabled={!isUsable}
          onPress={add}
        />
      </div>
      <p
        className={styles.preview}
        role="status"
        data-tone={preview?.problem ? 'problem' : undefined}
      >
        {typed.success ? (preview?.problem ?? preview?.phones) : 'The phones appear here.'}
      </p>
      <table className={styles.entries} aria-label="Pronunciation list">
        <thead>
          <tr>
            <th scope="col">Word</th>
            <th scope="col">Said as</th>
            <th scope="col">Phones</th>
            <th scope="col">Hear, remove</th>
          </tr>
        </thead>
        <tbody>
          {list.map((entry, i) => (
            <tr key={entry.word}>
              <th scope="row">{entry.word}</th>
              <td>{entry.as}</td>
              <td>{reports[i]?.problem ?? reports[i]?.phones}</td>
              <td>
                <IconButton
                  name={`Hear ${entry.word}`}
                  tooltip="Says the word in a short sentence, as the list has it."
                  shortcut="Enter"
                  shortcutElsewhere
                  icon={<Volume2 aria-hidden="true" />}
                  onPress={() => void hear(entry)}
                />
                <IconButton
                  name={`Remove ${entry.word}`}
                  tooltip="Says the word as the dictionary has it again."
                  shortcut="Delete"
                  shortcutElsewhere
                  icon={<Trash2 aria-hidden="true" />}
                  onPress={() => setPronunciations(list.filter((other) => other !== entry))}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}

async function hear(entry: Pronunciation): Promise<void> {
  const settings = currentSettings();
  if (settings === null) return;
  try {
    const { samples, sampleRate } = await call('hearPronunciation', { entry, settings });
    playSound(samples, sampleRate);
  } catch (error) {
    notify(error as Error);
  }
}

/** What main makes of entries; those of an earlier list until it has answered. */
function useReports(entries: readonly Pronunciation[]): readonly PronunciationReport[] {
  const [reports, setReports] = useState<readonly PronunciationReport[]>([]);
  const asked = JSON.stringify(entries);
  useEffect(() => {
    let isLate = false;
    const parsed: Pronunciation[] = JSON.parse(asked);
    call('inspectPronunciations', parsed).then(
      (answer) => {
        if (!isLate) setReports(answer);
      },
      (error) => notify(error as Error),
    );
    return () => {
      isLate = true;
    };
  }, [asked]);
  return reports;
}
