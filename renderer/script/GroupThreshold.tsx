import type { GroupSummary, PackSummary } from '../../contract/pack';
import type { SpeakSettings } from '../../contract/settings';
import { Slider } from '../controls/Slider';
import { AlphaEstimates } from './AlphaEstimates';
import styles from './script.module.css';
import { changeSettings } from './settings';

/** θ and what the groups look like there, from the pack's own table. */
export function GroupThreshold({ settings, pack }: { settings: SpeakSettings; pack: PackSummary }) {
  const groups = groupsAt(pack, settings.theta);
  return (
    <div className={styles.threshold}>
      <Slider
        name="Group threshold θ"
        tooltip="Tokens whose cosine similarity is above θ form a group. Lower: larger groups, more drafts accepted, speed for likeness. At 1, PCG is exact decoding. A double click returns to the pack’s default."
        shortcut="Alt+KeyG"
        value={settings.theta}
        onChange={(theta) => changeSettings({ theta })}
        minValue={pack.thetaFloor}
        maxValue={1}
        step={0.01}
        defaultMark={pack.defaults.theta}
        format={{ minimumFractionDigits: 2 }}
        isDisabled={settings.method === 'plain'}
      />
      <AlphaEstimates theta={settings.theta} pack={pack} />
      {groups && (
        <dl className={styles.groupFacts} data-unused={settings.method !== 'pcg'}>
          <Fact name="Mean size" value={groups.meanSize.toFixed(1)} />
          <Fact name="Median" value={groups.medianSize.toLocaleString('en')} />
          <Fact
            name="Singletons"
            value={`${Math.round((groups.singletons / pack.codebookSize) * 100)} %`}
          />
          <Fact name="Memory" value={showBytes(groups.bytes)} />
        </dl>
      )}
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function groupsAt({ groups }: PackSummary, theta: number): GroupSummary | undefined {
  return groups.find((summary) => Math.abs(summary.theta - theta) < 0.005);
}

function showBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
