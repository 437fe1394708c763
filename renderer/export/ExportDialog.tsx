import { Download, FolderOpen } from 'lucide-react';
import type { ExportReport, ExportSettings } from '../../contract/export';
import { Button } from '../controls/Button';
import { Dialog } from '../controls/Dialog';
import { NumberField } from '../controls/NumberField';
import { Segmented } from '../controls/Segmented';
import { Select } from '../controls/Select';
import { Switch } from '../controls/Switch';
import { remember, usePreferences } from '../preferences/preferences';
import { showSeconds } from '../script/seconds';
import { closeExport, type Exporting, revealExport, useExport, writeExport } from './export';
import styles from './export.module.css';

const LOUDNESS_PRESETS = [
  { value: '-23', label: '−23 LUFS', description: 'Broadcast (EBU R 128)' },
  { value: '-19', label: '−19 LUFS', description: 'Podcast, mono' },
  { value: '-16', label: '−16 LUFS', description: 'Podcast, stereo' },
  { value: '-14', label: '−14 LUFS', description: 'Music streaming' },
] as const;
const CUSTOM = { value: 'custom', label: 'Other', description: 'The figure beside' } as const;
const FIRST_LOUDNESS = -19;

export function ExportDialog() {
  const exporting = useExport((state) => state.exporting);
  if (exporting.step === 'closed') return null;
  return (
    <Dialog
      title="Export WAV"
      isOpen
      onClose={closeExport}
      actions={exporting.step === 'done' ? <DoneActions {...exporting} /> : <Ask {...exporting} />}
    >
      <p className={styles.subject}>
        {exporting.take.name}
        <span>{showSeconds(exporting.take.frames / exporting.take.pack.frameRate)}</span>
      </p>
      {exporting.step === 'done' ? (
        <Report report={exporting.report} />
      ) : (
        <SoundSettings nativeRate={exporting.take.pack.sampleRate} />
      )}
      {exporting.step === 'choosing' && exporting.problem && (
        <p className={styles.problem} role="alert">
          {exporting.problem.message}
        </p>
      )}
    </Dialog>
  );
}

/** How sound is written, the same for one take and for many. */
export function SoundSettings({ nativeRate }: { nativeRate: number }) {
  const settings = usePreferences((preferences) => preferences.export);
  const change = (part: Partial<ExportSettings>) => remember({ export: { ...settings, ...part } });
  const { loudness } = settings;
  const preset = LOUDNESS_PRESETS.find(({ value }) => Number(value) === loudness) ?? CUSTOM;
  return (
    <div className={styles.settings}>
      <Segmented
        name="Format"
        tooltip="16 bit is dithered; 32-bit float keeps every sample as it is."
        shortcut="Alt+KeyF"
        value={settings.format}
        onChange={(format) => change({ format })}
        options={[
          { value: 'int16', label: '16 bit' },
          { value: 'int24', label: '24 bit' },
          { value: 'float32', label: '32 bit float' },
        ]}
      />
      <Segmented
        name="Sample rate"
        tooltip="Native keeps the voice pack’s rate; the others are resampled."
        shortcut="Alt+KeyR"
        value={String(settings.sampleRate)}
        onChange={(rate) => change({ sampleRate: RATES[rate] })}
        options={[
          { value: 'native', label: `Native (${nativeRate / 1000} kHz)` },
          { value: '44100', label: '44.1 kHz' },
          { value: '48000', label: '48 kHz' },
        ]}
      />
      <Switch
        name="Loudness target"
        tooltip="Brings the whole file to one integrated loudness, by gain alone."
        shortcut="Alt+KeyL"
        isSelected={loudness !== null}
        onChange={(on) => change({ loudness: on ? FIRST_LOUDNESS : null })}
      />
      {loudness !== null && (
        <div className={styles.loudness}>
          <Select
            name="Preset"
            tooltip="Common targets."
            shortcut="Alt+KeyP"
            value={preset.value}
            onChange={(value) => {
              if (value !== CUSTOM.value) change({ loudness: Number(value) });
            }}
            options={preset === CUSTOM ? [...LOUDNESS_PRESETS, CUSTOM] : LOUDNESS_PRESETS}
          />
          <NumberField
            name="Target (LUFS)"
            tooltip="Integrated loudness to reach."
            shortcut="Alt+KeyT"
            value={loudness}
            onChange={(target) => change({ loudness: target })}
            minValue={-40}
            maxValue={-5}
            step={0.5}
          />
          <NumberField
            name="True-peak ceiling (dBTP)"
            tooltip="The gain stops where the true peak would pass this."
            shortcut="Alt+KeyC"
            value={settings.truePeak}
            onChange={(truePeak) => change({ truePeak })}
            minValue={-12}
            maxValue={0}
            step={0.5}
          />
        </div>
      )}
    </div>
  );
}

const RATES: Record<string, ExportSettings['sampleRate']> = {
  native: 'native',
  '44100': 44_100,
  '48000': 48_000,
};

function Ask({ take, step }: Extract<Exporting, { step: 'choosing' | 'writing' }>) {
  return (
    <Button
      name={step === 'writing' ? 'Exporting' : 'Choose where'}
      tooltip="Asks for a file name, writes the WAV with its settings beside it, and reads it back."
      shortcut="$mod+Enter"
      tone="primary"
      showsKeys
      icon={<Download aria-hidden="true" />}
      isDisabled={step === 'writing'}
      onPress={() => void writeExport(take)}
    />
  );
}

function DoneActions({ report }: Extract<Exporting, { step: 'done' }>) {
  return (
    <>
      <Button
        name="Show in folder"
        tooltip="Opens the file manager where the file is."
        shortcut="Alt+KeyO"
        icon={<FolderOpen aria-hidden="true" />}
        onPress={() => void revealExport(report.path)}
      />
      <Button
        name="Done"
        tooltip="Closes this dialog."
        shortcut="$mod+Enter"
        tone="primary"
        onPress={closeExport}
      />
    </>
  );
}

function Report({ report }: { report: ExportReport }) {
  const kind = report.bits === 32 ? '32-bit float' : `${report.bits} bit`;
  return (
    <div role="status">
      <p className={styles.path}>{report.path}</p>
      <dl className={styles.facts}>
        <dt>Read back</dt>
        <dd>
          {kind}, {report.sampleRate / 1000} kHz, {showSeconds(report.seconds)}
        </dd>
        <dt>Loudness</dt>
        <dd>
          {report.loudness === null
            ? 'too short or too quiet to measure'
            : `${report.loudness.toFixed(1)} LUFS`}
        </dd>
        <dt>True peak</dt>
        <dd>{report.truePeak.toFixed(1)} dBTP</dd>
        <dt>Settings</dt>
        <dd className={styles.path}>{report.sidecar}</dd>
      </dl>
      {report.notice && <p className={styles.notice}>{report.notice}</p>}
    </div>
  );
}
