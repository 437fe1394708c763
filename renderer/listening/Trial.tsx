import { Play, Repeat } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { CMOS_LIMIT, type ListeningAnswer, type ListeningTrial } from '../../contract/listening';
import { Button, ToggleButton } from '../controls/Button';
import { Slider } from '../controls/Slider';
import { useShortcut } from '../shortcuts/useShortcut';
import { answerTrial } from './listening';
import styles from './listening.module.css';
import { type TrialPlayer, useTrialPlayer } from './trial-player';

/** Keys that play the sounds, by place; the same keys on every layout. */
const PLAY_KEYS = ['KeyD', 'KeyF', 'KeyG', 'KeyH', 'KeyJ'];
const PLACES = ['First', 'Second', 'X'];

type AnswerProps = {
  trial: ListeningTrial;
  player: TrialPlayer;
  /** Not every sound was heard yet. */
  isEarly: boolean;
  answer: (given: ListeningAnswer) => void;
};

/** One trial: hear the sounds as often as you like, then answer once. */
export function Trial({ test, trial }: { test: string; trial: ListeningTrial }) {
  const player = useTrialPlayer(trial);
  const isSent = useRef(false);
  const [isSending, setSending] = useState(false);
  const isEarly = player.plays.some((count) => count === 0) || isSending;
  const answer = (given: ListeningAnswer) => {
    // A key that repeats must not answer the next trial too.
    if (isSent.current || isEarly) return;
    isSent.current = true;
    setSending(true);
    void answerTrial(test, trial, given, [...player.plays]).finally(() => {
      isSent.current = false;
      setSending(false);
    });
  };
  const props = { trial, player, isEarly, answer };

  // Several sounds to be rated are better begun by hand.
  const begin = useRef(trial.kind === 'mushra' ? null : player.playAll);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    begin.current?.();
    // On no button: Space or Enter there would press what was never chosen.
    place.current?.focus();
  }, []);

  return (
    <div ref={place} className={styles.trial} tabIndex={-1}>
      <p className={styles.sentence}>{trial.text}</p>
      {trial.kind === 'mushra' ? (
        <Ratings {...props} />
      ) : (
        <>
          <div className={styles.sounds}>
            {trial.sounds.map((_, index) => (
              <PlayButton
                // Sounds have no names, and their places never change.
                // biome-ignore lint/suspicious/noArrayIndexKey: see above
                key={index}
                name={PLACES[index]}
                shortcut={PLAY_KEYS[index]}
                index={index}
                player={player}
              />
            ))}
            <Button
              name="Repeat"
              tooltip="Plays all sounds again, one after the other."
              shortcut="KeyR"
              showsKeys
              icon={<Repeat aria-hidden="true" />}
              onPress={player.playAll}
            />
          </div>
          <Question {...props} />
        </>
      )}
      <p className={styles.hint} role="status">
        {isEarly && !isSending
          ? 'Hear every sound before you answer.'
          : 'An answer is kept at once and cannot be undone. Esc pauses the test.'}
      </p>
    </div>
  );
}

function Question(props: AnswerProps): ReactNode {
  switch (props.trial.kind) {
    case 'preference':
      return <Preference {...props} />;
    case 'cmos':
      return <Comparison {...props} />;
    case 'abx':
      return <Identification {...props} />;
    case 'mushra':
      return null;
  }
}

function PlayButton(props: { name: string; shortcut: string; index: number; player: TrialPlayer }) {
  const { index, player } = props;
  return (
    <ToggleButton
      name={`Play ${props.name}`}
      tooltip="Plays this sound from its start."
      shortcut={props.shortcut}
      icon={<Play aria-hidden="true" />}
      isSelected={player.playing === index}
      onChange={() => player.play(index)}
    >
      {props.name} <kbd className={styles.key}>{props.shortcut.replace('Key', '')}</kbd>
    </ToggleButton>
  );
}

function AnswerButton(props: {
  name: string;
  digit: number;
  isDisabled: boolean;
  onPress: () => void;
}) {
  const { digit, ...rest } = props;
  return (
    <Button
      {...rest}
      tooltip="Answers this trial and goes on to the next."
      shortcut={`Digit${digit}`}
      showsKeys
    />
  );
}

function Preference({ isEarly, answer }: AnswerProps) {
  const choose = (choice: 'first' | 'second' | 'none') => answer({ kind: 'preference', choice });
  return (
    <fieldset className={styles.question}>
      <legend>Which sounds better?</legend>
      <AnswerButton name="First" digit={1} isDisabled={isEarly} onPress={() => choose('first')} />
      <AnswerButton name="Second" digit={2} isDisabled={isEarly} onPress={() => choose('second')} />
      <AnswerButton
        name="No preference"
        digit={0}
        isDisabled={isEarly}
        onPress={() => choose('none')}
      />
    </fieldset>
  );
}

const STEPS = [
  'much worse',
  'worse',
  'a little worse',
  'about as good',
  'a little better',
  'better',
  'much better',
];

function Comparison({ isEarly, answer }: AnswerProps) {
  return (
    <fieldset className={styles.question}>
      <legend>Compared with the first, the second sounds …</legend>
      {STEPS.map((step, index) => {
        const score = index - CMOS_LIMIT;
        const sign = score > 0 ? `+${score}` : `${score}`.replace('-', '−');
        return (
          <AnswerButton
            key={step}
            name={`${sign} ${step}`}
            digit={index + 1}
            isDisabled={isEarly}
            onPress={() => answer({ kind: 'cmos', score })}
          />
        );
      })}
    </fieldset>
  );
}

function Identification({ isEarly, answer }: AnswerProps) {
  return (
    <fieldset className={styles.question}>
      <legend>Which of the two is X?</legend>
      <AnswerButton
        name="X is the first"
        digit={1}
        isDisabled={isEarly}
        onPress={() => answer({ kind: 'abx', choice: 'first' })}
      />
      <AnswerButton
        name="X is the second"
        digit={2}
        isDisabled={isEarly}
        onPress={() => answer({ kind: 'abx', choice: 'second' })}
      />
    </fieldset>
  );
}

/** The middle of the scale, where every rating begins. */
const UNRATED = 50;

function Ratings({ trial, player, isEarly, answer }: AnswerProps) {
  const [ratings, setRatings] = useState(() => trial.sounds.map(() => UNRATED));
  const [current, setCurrent] = useState(0);
  const rate = (index: number, rating: number) =>
    setRatings((before) => before.map((old, i) => (i === index ? rating : old)));
  const hear = {
    ...player,
    play: (index: number) => {
      if (index < trial.sounds.length) setCurrent(index);
      player.play(index);
    },
  };
  return (
    <>
      <div className={styles.sounds}>
        <PlayButton name="Reference" shortcut="KeyS" index={trial.sounds.length} player={hear} />
      </div>
      <fieldset className={styles.ratings}>
        <legend>
          How near does each come to the reference? Digits rate the sound heard last: 1 is 10, 0 is
          100.
        </legend>
        {trial.sounds.map((_, index) => (
          // Sounds have no names, and their places never change.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <div key={index} className={styles.rating} data-current={index === current}>
            <PlayButton
              name={`${index + 1}`}
              shortcut={PLAY_KEYS[index]}
              index={index}
              player={hear}
            />
            <Slider
              name={`Rating of ${index + 1}`}
              tooltip="0 is bad, 100 cannot be told from the reference. Arrow keys move it by one."
              shortcut={`Alt+Digit${index + 1}`}
              value={ratings[index]}
              onChange={(rating) => rate(index, rating)}
              minValue={0}
              maxValue={100}
              step={1}
            />
          </div>
        ))}
      </fieldset>
      {Array.from({ length: 10 }, (_, digit) => (
        <DigitKey
          // biome-ignore lint/suspicious/noArrayIndexKey: the digit itself
          key={digit}
          digit={digit}
          rate={(rating) => rate(current, rating)}
        />
      ))}
      <Button
        name="Answer"
        tooltip="Keeps these ratings and goes on to the next trial."
        shortcut="$mod+Enter"
        tone="primary"
        showsKeys
        isDisabled={isEarly}
        onPress={() => answer({ kind: 'mushra', ratings })}
      />
    </>
  );
}

function DigitKey({ digit, rate }: { digit: number; rate: (rating: number) => void }) {
  const rating = digit === 0 ? 100 : 10 * digit;
  useShortcut(`Digit${digit}`, `Rate ${rating}`, () => rate(rating));
  return null;
}
