import type { ReactNode } from 'react';
import { acceptanceRate } from '../../contract/counters';
import type { Take } from '../../contract/take';
import { ToggleButton } from '../controls/Button';
import { useOtherPack } from '../engine/other-pack';
import { METHOD_LABELS } from '../script/methods';
import { showSeconds } from '../script/seconds';
import { useTakes } from '../takes/takes';
import styles from './deck.module.css';
import { useDeckSettings } from './deck-settings';
import { laneData } from './lane-data';
import type { LaneName } from './lane-name';
import { useLanes } from './lanes';
import { gainToDb } from './levels';
import { useLaneTick } from './use-lane-tick';

/** Which take is in the lane, and how it was made. */
export function LaneHeader({ lane }: { lane: LaneName }) {
  const { take, gain } = useLanes(({ lanes }) => lanes[lane]);
  const isFocus = useLanes(({ focus }) => focus === lane);
  const hear = useLanes((state) => state.hear);
  const matchLevels = useDeckSettings((settings) => settings.matchLevels);
  // Renamed in the list of takes, it is renamed here.
  const name = useTakes(({ all }) => all.find(({ id }) => id === take?.id)?.name);
  return (
    <header className={styles.laneHeader}>
      <span className={styles.badge} data-lane={lane}>
        <ToggleButton
          name={`Lane ${lane}`}
          tooltip={`Hears lane ${lane}; single takes go into the lane you hear.`}
          shortcut={lane === 'A' ? '1' : '2'}
          isSelected={isFocus}
          onChange={() => hear(lane)}
        >
          {lane}
        </ToggleButton>
      </span>
      {take ? (
        <>
          <span className={styles.takeName} title={take.text}>
            {name ?? take.name}
          </span>
          <Facts take={take} lane={lane} />
          {matchLevels && Math.abs(gainToDb(gain)) >= 0.05 && (
            <span className={styles.fact} title="Gain that makes both lanes equally loud">
              {showDb(gainToDb(gain))}
            </span>
          )}
        </>
      ) : (
        <span className={styles.noTake}>no take</span>
      )}
    </header>
  );
}

function Facts({ take, lane }: { take: Take; lane: LaneName }) {
  useLaneTick(4, lane);
  const otherPack = useOtherPack(take);
  const { voice, method, theta, seed } = take.settings;
  const data = laneData(lane);
  const rate = acceptanceRate(data?.counters ?? take.counters);
  return (
    <>
      <Fact says="Voice">{voice}</Fact>
      {otherPack !== null && (
        <Fact says="Voice pack that the take was made with, which is not the one that is loaded">
          {otherPack}
        </Fact>
      )}
      <Fact
        says={
          method === 'pcg'
            ? `Coarse-grained decoding: exact for groups, with an acoustic similarity threshold of ${theta}`
            : method === 'exact'
              ? 'Exact speculative decoding: every token is distributed as in plain decoding'
              : 'Plain decoding: no drafts'
        }
      >
        {METHOD_LABELS[method]}
        {method === 'pcg' && ` θ ${theta.toFixed(2)}, exact for groups`}
      </Fact>
      <Fact says="Seed">seed {seed}</Fact>
      <Fact says="Length of the sound">{showSeconds(data?.seconds ?? 0)}</Fact>
      <Fact says="Acceptance rate: accepted ÷ judged drafts">
        α {rate === null ? '–' : rate.toFixed(3)}
      </Fact>
    </>
  );
}

function Fact({ says, children }: { says: string; children: ReactNode }) {
  return (
    <span className={styles.fact} title={says}>
      {children}
    </span>
  );
}

function showDb(db: number): string {
  return `${db < 0 ? '−' : '+'}${Math.abs(db).toFixed(1)} dB`;
}
