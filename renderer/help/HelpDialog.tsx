import { RotateCw, Scale } from 'lucide-react';
import { Button } from '../controls/Button';
import { Dialog } from '../controls/Dialog';
import { currentTheme } from '../deck/colours';
import { CELL_HEIGHTS, GHOST_DEPTHS } from '../deck/ribbon/layout';
import { PALETTES } from '../deck/ribbon/palette';
import { CELL_WORDS, GHOST_WORDS } from '../deck/ribbon/words';
import { useEngine } from '../engine/engine';
import { checkForUpdate } from '../update/update';
import { openDialog } from './dialogs';
import { Folders } from './Folders';
import styles from './help.module.css';

const CELLS = Object.keys(CELL_WORDS) as (keyof typeof CELL_WORDS)[];
const GHOSTS = Object.keys(GHOST_WORDS) as (keyof typeof GHOST_WORDS)[];

export function HelpDialog({ onClose }: { onClose: () => void }) {
  const version = useEngine((engine) => engine.version);
  const pack = useEngine((engine) => engine.pack);
  const canUpdate = useEngine((engine) => engine.canUpdate);
  const palette = PALETTES[currentTheme()];
  return (
    <Dialog title="Help and about" isOpen onClose={onClose} size="large">
      <div className={styles.text}>
        <h3>What the ribbon shows</h3>
        <p>
          One cell is one acoustic token, one frame of sound. Height says the same as colour. The
          same random number is put to both rules, whichever is in force, so each token shows what
          either would have done.
        </p>
        <ul className={styles.colours}>
          {CELLS.map((kind) => (
            <li key={kind}>
              <Swatch colour={palette.cells[kind]} height={CELL_HEIGHTS[kind]} />
              <b>{CELL_WORDS[kind].name}</b> {CELL_WORDS[kind].says}
            </li>
          ))}
        </ul>
        <p>Below the line, as ghosts, stand drafts that were rejected and never spoken:</p>
        <ul className={styles.colours}>
          {GHOSTS.map((kind) => (
            <li key={kind}>
              <Swatch colour={palette.ghosts[kind]} height={GHOST_DEPTHS[kind]} />
              <b>{GHOST_WORDS[kind].name}</b> {GHOST_WORDS[kind].says}
            </li>
          ))}
        </ul>

        <h3>What PCG is</h3>
        <p>
          Speculative decoding lets a small model draft a few tokens ahead and a large one check
          them all at once. In speech, many acoustic tokens sound alike, so a check token by token
          refuses drafts that nobody could tell apart. Principled Coarse-Grained acceptance puts
          tokens whose embeddings lie closer than a threshold θ into overlapping groups and compares
          how much probability both models give to a group. A draft is kept with the ratio of the
          two, and after a refusal a token is drawn so that group labels are distributed just as the
          large model alone would have them. It is exact for groups, not for tokens: a lower θ makes
          larger groups, more drafts are kept and decoding is faster, while tokens may be exchanged
          for others of their group.
        </p>
        <p className={styles.paper}>
          Yanuka, Dixon, Finkelshtein, Rotman, Giryes:{' '}
          <cite>Principled Coarse-Grained Acceptance for Speculative Decoding in Speech</cite>,
          ICASSP 2026, arXiv 2511.13732.
        </p>

        <h3>Figures</h3>
        <dl>
          <dt>α, acceptance rate</dt>
          <dd>Accepted ÷ judged drafts. Drafts after a refusal are ignored, never judged.</dd>
          <dt>τ, block efficiency</dt>
          <dd>Tokens committed for each pass of the large model.</dd>
          <dt>RTF, real-time factor</dt>
          <dd>Time taken ÷ seconds of speech. Below 1 is faster than speech.</dd>
        </dl>

        <Folders />

        <h3>Licences</h3>
        <p>
          Timbrel {version} is free software under the MIT licence.
          {pack && (
            <>
              {' '}
              Voice pack “{pack.name}”: {pack.licence}.
            </>
          )}
        </p>
        <Button
          name="All licences"
          tooltip="Lists everything that travels with Timbrel, with its licence in full."
          shortcut="Alt+KeyL"
          icon={<Scale aria-hidden="true" />}
          onPress={() => openDialog('licences')}
        />

        <h3>Updates</h3>
        {canUpdate ? (
          <>
            <p>Timbrel asks for updates only when you do.</p>
            <Button
              name="Check for updates…"
              tooltip="Asks the update feed for a later version; nothing is downloaded yet."
              shortcut="Alt+KeyU"
              icon={<RotateCw aria-hidden="true" />}
              onPress={() => {
                onClose();
                void checkForUpdate();
              }}
            />
          </>
        ) : (
          <p>Timbrel asks for no updates. To update, install a newer package over this one.</p>
        )}
      </div>
    </Dialog>
  );
}

function Swatch({ colour, height }: { colour: string; height: number }) {
  return (
    <span
      className={styles.swatch}
      style={{ backgroundColor: colour, height: `${(height * 0.9).toFixed(2)}em` }}
    />
  );
}
