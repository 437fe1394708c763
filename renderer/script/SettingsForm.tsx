import { Dices, Pin, Volume2 } from 'lucide-react';
import { useId, useState } from 'react';
import type { PackSummary } from '../../contract/pack';
import { MAX_LOOKAHEAD, Method, type SpeakSettings } from '../../contract/settings';
import { call } from '../bridge';
import { Button, IconButton, ToggleButton } from '../controls/Button';
import { NumberField } from '../controls/NumberField';
import { Segmented } from '../controls/Segmented';
import { Select } from '../controls/Select';
import { Slider } from '../controls/Slider';
import { playSound } from '../deck/player';
import { useEngine } from '../engine/engine';
import { notify } from '../notices/notices';
import { remember, usePreferences } from '../preferences/preferences';
import { GroupThreshold } from './GroupThreshold';
import { METHOD_LABELS, METHOD_SAYS } from './methods';
import styles from './script.module.css';
import { changeSettings, rollSeed, useSettings } from './settings';

/** Everything beside the text that decides which tokens a take consists of. */
export function SettingsForm() {
  const settings = useSettings();
  const pack = useEngine((engine) => engine.pack);
  if (settings === null || pack === null) {
    return <p className={styles.waiting}>Voices and settings appear when the pack is loaded.</p>;
  }
  return (
    <div className={styles.settings}>
      <VoiceRow settings={settings} pack={pack} />
      {pack.paces && <PaceRow pace={settings.pace} paces={pack.paces} />}
      <SeedRow settings={settings} />
      <MethodRow settings={settings} />
      <GroupThreshold settings={settings} pack={pack} />
      <Sampling settings={settings} pack={pack} />
    </div>
  );
}

function VoiceRow({ settings, pack }: { settings: SpeakSettings; pack: PackSummary }) {
  const ready = useEngine((engine) => engine.state.status === 'ready');
  return (
    <div className={styles.withButton}>
      <Select
        name="Voice"
        isInline
        tooltip="Who speaks. The voices come with the voice pack."
        shortcut="Alt+KeyV"
        value={settings.voice}
        onChange={(voice) => changeSettings({ voice })}
        options={pack.voices.map(({ name, description }) => ({
          value: name,
          label: name,
          description,
        }))}
      />
      <IconButton
        name="Preview voice"
        tooltip="Plays a short sentence in this voice."
        shortcut="Alt+KeyH"
        icon={<Volume2 aria-hidden="true" />}
        isDisabled={!ready}
        onPress={() => void previewVoice(settings.voice)}
      />
    </div>
  );
}

const USUAL_PACE = 'usual';

/** Only where the pack learnt several. */
function PaceRow({ pace, paces }: { pace: string | undefined; paces: readonly string[] }) {
  return (
    <Segmented
      name="Pace"
      isInline
      tooltip="How fast the voice speaks, as the voice pack learnt it."
      shortcut="Alt+KeyI"
      value={pace ?? USUAL_PACE}
      onChange={(chosen) => changeSettings({ pace: chosen === USUAL_PACE ? undefined : chosen })}
      options={[USUAL_PACE, ...paces].map((value) => ({ value, label: value }))}
    />
  );
}

async function previewVoice(voice: string): Promise<void> {
  try {
    const { samples, sampleRate } = await call('getVoiceSample', { voice });
    await playSound(samples, sampleRate);
  } catch (error) {
    notify(error as Error);
  }
}

function SeedRow({ settings }: { settings: SpeakSettings }) {
  const seedPinned = usePreferences((preferences) => preferences.seedPinned);
  return (
    <div className={styles.withButton}>
      <NumberField
        name="Seed"
        isInline
        tooltip="The same seed, text, voice and settings give the same take, at every start. Typing a seed pins it."
        shortcut="Alt+KeyS"
        value={settings.seed}
        onChange={(seed) => {
          changeSettings({ seed });
          remember({ seedPinned: true });
        }}
        minValue={0}
        maxValue={0xffff_ffff}
        step={1}
        format={{ useGrouping: false }}
      />
      <ToggleButton
        name="Pin seed"
        tooltip="Pinned, every take uses this seed; otherwise each take rolls a new one."
        shortcut="Alt+KeyP"
        icon={<Pin aria-hidden="true" />}
        isSelected={seedPinned}
        onChange={(pinned) => remember({ seedPinned: pinned })}
      />
      <IconButton
        name="Reroll seed"
        tooltip="Puts a new random seed here."
        shortcut="Alt+KeyR"
        icon={<Dices aria-hidden="true" />}
        onPress={() => changeSettings({ seed: rollSeed() })}
      />
    </div>
  );
}

function MethodRow({ settings }: { settings: SpeakSettings }) {
  return (
    <div>
      <Segmented
        name="Method"
        isInline
        tooltip="How tokens are chosen. Plain never drafts; Exact and PCG check drafts of a small model."
        shortcut="Alt+KeyM"
        value={settings.method}
        onChange={(method) => changeSettings({ method })}
        options={Method.options.map((method) => ({
          value: method,
          label: METHOD_LABELS[method],
        }))}
      />
      <p className={styles.says}>{METHOD_SAYS[settings.method]}</p>
    </div>
  );
}

const LOOKAHEADS = [
  { value: 'adaptive', label: 'Adaptive' },
  ...Array.from({ length: MAX_LOOKAHEAD }, (_, i) => ({
    value: String(i + 1),
    label: String(i + 1),
  })),
];

function Sampling({ settings, pack }: { settings: SpeakSettings; pack: PackSummary }) {
  const [open, setOpen] = useState(false);
  const more = useId();
  return (
    <div className={styles.sampling}>
      <Segmented
        name="Lookahead"
        tooltip={`Tokens drafted in each round (K) before the large model checks them. Adaptive chooses K round by round, by how many drafts are kept; this voice pack suggests ${pack.defaults.lookahead}.`}
        shortcut="Alt+KeyK"
        value={String(settings.lookahead)}
        onChange={(chosen) =>
          changeSettings({ lookahead: chosen === 'adaptive' ? chosen : Number(chosen) })
        }
        options={LOOKAHEADS}
        isDisabled={settings.method === 'plain'}
      />
      <Slider
        name="Temperature"
        tooltip="How freely tokens are drawn: 0 always takes the likeliest one."
        shortcut="Alt+KeyT"
        value={settings.temperature}
        onChange={(temperature) => changeSettings({ temperature })}
        minValue={0}
        maxValue={2}
        step={0.05}
        defaultMark={pack.defaults.temperature}
        format={{ minimumFractionDigits: 2 }}
      />
      <Slider
        name="Top-p"
        tooltip="Draws only from the likeliest tokens that hold this share of the probability; 1 keeps all."
        shortcut="Alt+KeyN"
        value={settings.topP}
        onChange={(topP) => changeSettings({ topP })}
        minValue={0.05}
        maxValue={1}
        step={0.05}
        defaultMark={pack.defaults.topP}
        format={{ minimumFractionDigits: 2 }}
      />
      <div className={styles.moreButton}>
        <Button
          name="More sampling settings"
          tooltip="Shows top-k and the repetition penalty."
          shortcut="Alt+KeyO"
          tone="quiet"
          isExpanded={open}
          controls={more}
          onPress={() => setOpen(!open)}
        >
          {open ? 'Fewer' : 'More'}
        </Button>
      </div>
      {open && (
        <div id={more} className={styles.more}>
          <NumberField
            name="Top-k"
            tooltip="Draws only from this many likeliest tokens; 0 keeps all."
            shortcut="Alt+KeyC"
            value={settings.topK}
            onChange={(topK) => changeSettings({ topK })}
            minValue={0}
            maxValue={pack.codebookSize}
            step={1}
          />
          <Slider
            name="Repetition penalty"
            tooltip="Makes tokens that were just used less likely; 1 changes nothing."
            shortcut="Alt+KeyY"
            value={settings.repetitionPenalty}
            onChange={(repetitionPenalty) => changeSettings({ repetitionPenalty })}
            minValue={1}
            maxValue={2}
            step={0.05}
            defaultMark={1}
            format={{ minimumFractionDigits: 2 }}
          />
        </div>
      )}
    </div>
  );
}
