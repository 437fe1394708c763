import { type RefObject, useEffect, useState } from 'react';
import { ListBox, ListBoxItem } from 'react-aria-components';
import { toFailure } from '../../contract/failure';
import type { GroupMember } from '../../contract/pack';
import type { Take } from '../../contract/take';
import { call } from '../bridge';
import { Button } from '../controls/Button';
import { useOtherPack } from '../engine/other-pack';
import { notify } from '../notices/notices';
import { groupOf, useInspected } from './inspected';
import styles from './inspector.module.css';
import { useLanes } from './lanes';
import { playSound } from './player';
import { draftOf, sentenceOf, showRatio } from './ribbon/words';
import { showTime } from './time-axis';

const ASK_AFTER_MS = 120;
/** More buttons than this help nobody; the count says how many there are. */
const MOST_SHOWN = 160;

/** Everything about the inspected frame, and its group to be heard. */
export function Inspector({ members }: { members: RefObject<HTMLDivElement | null> }) {
  const inspected = useInspected((state) => state.inspected);
  const lane = useLanes(({ lanes }) => (inspected ? lanes[inspected.lane] : null));
  const take = lane?.take;
  if (!inspected || !take) {
    return (
      <p className={`${styles.inspector} ${styles.hint}`}>
        Point at a token, or walk the ribbon with the arrow keys, to see why it was kept.
      </p>
    );
  }
  const { detail, place, isPinned } = inspected;
  const draft = draftOf(detail, place);
  const token = place.part === 'rejected' && draft ? draft.token : detail.token;
  const canHear = lane.phase === 'ready';
  return (
    <div className={styles.inspector}>
      <div className={styles.facts}>
        <span className={styles.where} data-lane={inspected.lane}>
          {inspected.lane} · frame {detail.frame} ·{' '}
          {showTime(detail.frame / take.pack.frameRate, 2)}
          {isPinned && (
            <span className={styles.pinned} title="Click the token again to let it go">
              held
            </span>
          )}
        </span>
        <dl className={styles.figures}>
          <Figure name={place.part === 'rejected' ? 'Rejected draft' : 'Token'}>{token}</Figure>
          {place.part === 'token' && detail.rejected && (
            <Figure name="Draft here">{detail.rejected.token}</Figure>
          )}
          {place.part === 'rejected' && <Figure name="Recovered">{detail.token}</Figure>}
          {draft && (
            <>
              <Figure name="p/q">{showRatio(draft.ratio)}</Figure>
              <Figure name="P(k)/Q(k)">{showRatio(draft.massRatio)}</Figure>
              <Figure name="Group size">{draft.groupSize.toLocaleString('en')}</Figure>
            </>
          )}
        </dl>
        <p className={styles.verdict}>{sentenceOf(detail, place)}</p>
      </div>
      <Group
        take={take}
        members={members}
        frame={detail.frame}
        token={detail.token}
        seed={draft?.group ?? token}
        canHear={canHear}
      />
    </div>
  );
}

/** The group of a frame, when the pack that it is a group of is there. */
function Group(props: MembersProps) {
  const { take, seed } = props;
  const otherPack = useOtherPack(take);
  if (otherPack === null) return <Members key={`${take.id} ${seed}`} {...props} />;
  return (
    <p className={styles.hint}>
      This take was made with {otherPack}, which is not loaded: its tokens belong to that pack, and
      their groups cannot be shown or heard.
    </p>
  );
}

function Figure({ name, children }: { name: string; children: string | number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

type MembersProps = {
  members: RefObject<HTMLDivElement | null>;
  take: Take;
  frame: number;
  /** What the frame holds. */
  token: number;
  /** Whose group is shown. */
  seed: number;
  canHear: boolean;
};

type KnownGroup =
  | { state: 'asking' }
  | { state: 'known'; members: GroupMember[] }
  | { state: 'failed'; why: string };

function Members({ members, take, frame, token, seed, canHear }: MembersProps) {
  const group = useGroup(take, seed);
  const hear = (swapped: number) => {
    call('hearSwap', { take: take.id, frame, token: swapped }).then(
      ({ samples, sampleRate }) => playSound(samples, sampleRate),
      notify,
    );
  };
  return (
    <div className={styles.members} ref={members}>
      <div className={styles.membersTop}>
        <span>
          G({seed}) at θ {take.settings.theta.toFixed(2)}
          {group.state === 'known' &&
            (group.members.length === 1
              ? ': no other token is as close'
              : `: ${group.members.length.toLocaleString('en')} members, click one to hear`)}
        </span>
        <Button
          name="As it was"
          tooltip="Plays this moment with its own token, to compare."
          shortcut="KeyH"
          tone="quiet"
          isDisabled={!canHear}
          onPress={() => hear(token)}
        />
      </div>
      {group.state === 'failed' && <p className={styles.hint}>{group.why}</p>}
      {group.state === 'known' && (
        <ListBox
          className={styles.list}
          aria-label={`Members of the group of token ${seed}, by falling cosine`}
          orientation="horizontal"
          layout="stack"
          items={group.members
            .slice(0, MOST_SHOWN)
            .map((member) => ({ id: member.token, ...member }))}
          onAction={(id) => {
            if (canHear) hear(Number(id));
          }}
          dependencies={[token, canHear]}
        >
          {(member) => (
            <ListBoxItem
              id={member.id}
              className={styles.member}
              textValue={`Token ${member.token}, cosine ${member.cosine.toFixed(2)}`}
              data-own={member.token === token}
              isDisabled={!canHear}
            >
              <b>{member.token}</b>
              <span>{member.cosine.toFixed(2)}</span>
            </ListBoxItem>
          )}
        </ListBox>
      )}
      {!canHear && <p className={styles.hint}>Members can be heard once the take is finished.</p>}
    </div>
  );
}

/** Asked for when the pointer has rested a moment. */
function useGroup(take: Take, seed: number): KnownGroup {
  const [group, setGroup] = useState<KnownGroup>({ state: 'asking' });
  const { theta } = take.settings;
  const { sha256 } = take.pack;
  useEffect(() => {
    let isGone = false;
    const timer = setTimeout(() => {
      groupOf(sha256, seed, theta).then(
        (members) => {
          if (!isGone) setGroup({ state: 'known', members });
        },
        (error: unknown) => {
          if (!isGone) setGroup({ state: 'failed', why: toFailure(error).message });
        },
      );
    }, ASK_AFTER_MS);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [sha256, seed, theta]);
  return group;
}
