import { Download, FolderOpen } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type Failure, toFailure } from '../../contract/failure';
import type { LineExportReport, LineExportSettings } from '../../contract/project';
import { call } from '../bridge';
import { Button } from '../controls/Button';
import { Dialog } from '../controls/Dialog';
import { NumberField } from '../controls/NumberField';
import { Segmented } from '../controls/Segmented';
import { Switch } from '../controls/Switch';
import { TextField } from '../controls/TextField';
import { useEngine } from '../engine/engine';
import { SoundSettings } from '../export/ExportDialog';
import { revealExport } from '../export/export';
import { remember, usePreferences } from '../preferences/preferences';
import { closeLineExport, useLineExport, writeLines } from './export-lines';
import styles from './project.module.css';

/** So many names show what a template makes. */
const NAMES_SHOWN = 4;

export function LineExportDialog() {
  const exporting = useLineExport((state) => state.exporting);
  if (exporting.step === 'closed') return null;
  return (
    <Dialog
      title="Export lines"
      isOpen
      onClose={closeLineExport}
      actions={
        exporting.step === 'done' ? (
          <DoneActions report={exporting.report} />
        ) : (
          <Button
            name={exporting.step === 'writing' ? 'Exporting' : 'Choose folder'}
            tooltip="Asks for a folder, writes the files with their settings beside them, and reads them back."
            shortcut="$mod+Enter"
            tone="primary"
            showsKeys
            icon={<Download aria-hidden="true" />}
            isDisabled={exporting.step === 'writing'}
            onPress={() => void writeLines()}
          />
        )
      }
    >
      {exporting.step === 'done' ? <Report report={exporting.report} /> : <Settings />}
      {exporting.step === 'choosing' && exporting.problem && (
        <p data-tone="problem" role="alert">
          {exporting.problem.message}
        </p>
      )}
    </Dialog>
  );
}

function Settings() {
  const settings = usePreferences((preferences) => preferences.lineExport);
  const nativeRate = useEngine((engine) => engine.pack?.sampleRate ?? null);
  const change = (part: Partial<LineExportSettings>) =>
    remember({ lineExport: { ...settings, ...part } });
  return (
    <div className={styles.exportSettings}>
      <Segmented
        name="Files"
        tooltip="A file for every line, or all lines in one."
        shortcut="Alt+KeyI"
        value={settings.layout}
        onChange={(layout) => change({ layout })}
        options={[
          { value: 'files', label: 'One a line' },
          { value: 'joined', label: 'Joined' },
        ]}
      />
      {settings.layout === 'files' ? (
        <TextField
          name="Name template"
          tooltip="{number}, {text}, {voice}, {seed} and {project} are filled in."
          shortcut="Alt+KeyN"
          maxLength={200}
          value={settings.template}
          onChange={(template) => change({ template })}
        />
      ) : (
        <NumberField
          name="Gap (s)"
          tooltip="Silence between two lines."
          shortcut="Alt+KeyG"
          value={settings.gapSeconds}
          onChange={(gapSeconds) => change({ gapSeconds })}
          minValue={0}
          maxValue={30}
          step={0.1}
        />
      )}
      <Preview settings={settings} />
      <Switch
        name="Table of lines"
        tooltip="Writes a CSV of the lines beside the sound: text, voice, seed, file, start and length."
        shortcut="Alt+KeyB"
        isSelected={settings.table}
        onChange={(table) => change({ table })}
      />
      {nativeRate !== null && <SoundSettings nativeRate={nativeRate} />}
    </div>
  );
}

type Planned = { names: readonly string[] } | { failure: Failure };

function Preview({ settings }: { settings: LineExportSettings }) {
  const [planned, setPlanned] = useState<Planned>({ names: [] });
  useEffect(() => {
    let isLate = false;
    const show = (answer: Planned) => {
      if (!isLate) setPlanned(answer);
    };
    call('planLineExport', { settings }).then(
      (names) => show({ names }),
      (error) => show({ failure: toFailure(error) }),
    );
    return () => {
      isLate = true;
    };
  }, [settings]);
  if ('failure' in planned) {
    return (
      <p data-tone="problem" role="alert">
        {planned.failure.message}
      </p>
    );
  }
  const { names } = planned;
  const more = names.length - NAMES_SHOWN;
  return (
    <ul className={styles.names} aria-label="Names of the files">
      {names.slice(0, NAMES_SHOWN).map((name) => (
        <li key={name}>{name}</li>
      ))}
      {more > 0 && <li>and {more.toLocaleString('en')} more</li>}
    </ul>
  );
}

function DoneActions({ report }: { report: LineExportReport }) {
  const [first] = report.files;
  return (
    <>
      {first !== undefined && (
        <Button
          name="Show in folder"
          tooltip="Opens the file manager where the files are."
          shortcut="Alt+KeyO"
          icon={<FolderOpen aria-hidden="true" />}
          onPress={() => void revealExport(first)}
        />
      )}
      <Button
        name="Done"
        tooltip="Closes this dialog."
        shortcut="$mod+Enter"
        tone="primary"
        onPress={closeLineExport}
      />
    </>
  );
}

function Report({ report }: { report: LineExportReport }) {
  const { files, table, folder, leftOut, notices } = report;
  return (
    <div role="status">
      <p className={styles.path}>{folder}</p>
      <p>
        {files.length === 1 ? '1 file was' : `${files.length} files were`} written and read back
        {table === null ? '' : ', and a table of the lines'}.
      </p>
      {[...leftOut, ...notices].map((sentence) => (
        <p key={sentence} data-tone="caution">
          {sentence}
        </p>
      ))}
    </div>
  );
}
