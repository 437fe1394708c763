import { ChevronRight } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { MAX_TEXT_LENGTH } from '../../contract/settings';
import type { TextReport } from '../../contract/text';
import { Button } from '../controls/Button';
import { useTip } from '../controls/tip';
import { useEngine } from '../engine/engine';
import { remember, usePreferences } from '../preferences/preferences';
import { type Inspection, inspectSoon, useInspection } from './inspection';
import { StruckText } from './StruckText';
import styles from './script.module.css';
import { showSeconds } from './seconds';

/** The text to speak, with what the pack cannot speak struck through. */
export function ScriptEditor() {
  const text = usePreferences((preferences) => preferences.text);
  const ready = useEngine((engine) => engine.state.status === 'ready');
  const inspection = useInspection((script) => script.inspection);
  const overlay = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const summary = useId();
  const tip = useTip<HTMLDivElement>(
    {
      name: 'Script text',
      tooltip:
        'What the voice will say. [0.5 s] between words is a pause. Characters it cannot speak are struck through and left out.',
      shortcut: '$mod+KeyL',
    },
    () => area.current?.focus(),
  );

  useEffect(() => {
    if (ready) inspectSoon(text);
  }, [text, ready]);

  const ranges = inspection.state === 'known' ? stillValid(inspection, text) : [];
  return (
    <div className={styles.script}>
      <div ref={tip.ref} className={styles.paper} {...tip.hover} {...tip.focus}>
        <StruckText ref={overlay} text={text} ranges={ranges} />
        <textarea
          ref={area}
          className={styles.area}
          aria-label="Script text"
          aria-details={summary}
          placeholder="Type what the voice should say."
          spellCheck={false}
          value={text}
          onChange={(event) => remember({ text: event.target.value })}
          onScroll={(event) => {
            if (overlay.current) overlay.current.scrollTop = event.currentTarget.scrollTop;
          }}
          {...tip.described}
        />
        {tip.tooltip}
      </div>
      <div id={summary} className={styles.facts}>
        <Facts text={text} inspection={inspection} />
      </div>
      {inspection.state === 'known' && <ReadAs report={inspection.report} />}
    </div>
  );
}

/** Ranges of a report on an earlier text still hold up to where the texts part. */
function stillValid(
  { text: inspected, report }: Extract<Inspection, { state: 'known' }>,
  text: string,
): TextReport['unspeakable'] {
  if (inspected === text) return report.unspeakable;
  let same = 0;
  while (same < text.length && text[same] === inspected[same]) same += 1;
  return report.unspeakable.filter(([, end]) => end <= same);
}

function Facts({ text, inspection }: { text: string; inspection: Inspection }) {
  const over = text.length > MAX_TEXT_LENGTH;
  const report = inspection.state === 'known' ? inspection.report : null;
  const left = report?.unspeakable.reduce((sum, [start, end]) => sum + end - start, 0) ?? 0;
  return (
    <>
      <p className={styles.counts}>
        <span data-tone={over ? 'problem' : undefined}>
          {text.length.toLocaleString('en')} / {MAX_TEXT_LENGTH.toLocaleString('en')} characters
        </span>
        {report && report.seconds > 0 && <span>about {showSeconds(report.seconds)}</span>}
      </p>
      {report && report.pieces > 1 && (
        <p>Spoken in {report.pieces} pieces, split at sentences and pauses, as one take.</p>
      )}
      {left > 0 && (
        <p data-tone="caution">
          {left === 1 ? '1 character is' : `${left} characters are`} struck: not spoken.
        </p>
      )}
      {report?.problem && <p data-tone="problem">{report.problem}</p>}
      {inspection.state === 'unknown' && <p data-tone="problem">{inspection.message}</p>}
    </>
  );
}

function ReadAs({ report }: { report: TextReport }) {
  const [open, setOpen] = useState(false);
  const panel = useId();
  return (
    <div className={styles.readAs}>
      <Button
        name="Read as"
        tooltip="Shows the text as it will be read: numbers, dates and abbreviations written out, and the words that will be spelled to the model."
        shortcut="Alt+KeyW"
        tone="quiet"
        isExpanded={open}
        controls={panel}
        icon={<ChevronRight aria-hidden="true" className={styles.chevron} data-open={open} />}
        onPress={() => setOpen(!open)}
      >
        Read as
        {report.spelled.length > 0 && (
          <span className={styles.badge}>{report.spelled.length} spelled</span>
        )}
      </Button>
      <div id={panel} hidden={!open} className={styles.spoken}>
        <p>{report.spoken === '' ? 'Nothing.' : report.spoken}</p>
        {report.spelled.length > 0 && (
          <p className={styles.spelled}>
            Spelled letter by letter, not in the dictionary: {report.spelled.join(', ')}
          </p>
        )}
      </div>
    </div>
  );
}
