import { CircleHelp, Ear, Keyboard } from 'lucide-react';
import type { Preferences } from '../../contract/preferences';
import { IconButton } from '../controls/Button';
import { Segmented } from '../controls/Segmented';
import { useEngine } from '../engine/engine';
import { openDialog } from '../help/dialogs';
import { focusRegion } from '../layout/regions';
import { showWorkspace, useWorkspace } from '../layout/workspace';
import { openListening } from '../listening/listening';
import { remember, usePreferences } from '../preferences/preferences';
import { ShortcutSection, useShortcut } from '../shortcuts/useShortcut';
import styles from './status.module.css';
import { Wordmark } from './Wordmark';

const THEMES: { value: Preferences['theme']; label: string }[] = [
  { value: 'system', label: 'System' },
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
];

export function Header() {
  return (
    <ShortcutSection name="Window">
      <Bar />
    </ShortcutSection>
  );
}

function Bar() {
  const shown = useWorkspace((workspace) => workspace.shown);
  const theme = usePreferences((preferences) => preferences.theme);
  const pack = useEngine((engine) => engine.pack);
  useShortcut('F6', 'Next panel', () => focusRegion(1));
  useShortcut('Shift+F6', 'Previous panel', () => focusRegion(-1));
  return (
    <header className={styles.header}>
      <h1 className={styles.brand}>
        <Wordmark />
        Timbrel
      </h1>
      <p className={styles.pack}>{pack?.name}</p>
      <Segmented
        name="Workspace"
        tooltip="The deck for single takes, or the lines of a project."
        shortcut="Alt+Shift+KeyW"
        hidesLabel
        value={shown}
        onChange={showWorkspace}
        options={[
          { value: 'deck', label: 'Deck' },
          { value: 'project', label: 'Project' },
        ]}
      />
      <Segmented
        name="Theme"
        tooltip="Dark, light, or as the system has it."
        shortcut="Alt+KeyD"
        hidesLabel
        value={theme}
        onChange={(chosen) => remember({ theme: chosen })}
        options={THEMES}
      />
      <IconButton
        name="Blind tests"
        tooltip="Compares two settings by ear, without knowing which is which."
        shortcut="$mod+KeyB"
        icon={<Ear aria-hidden="true" />}
        onPress={() => void openListening()}
      />
      <IconButton
        name="Keyboard shortcuts"
        tooltip="Lists every key of the window."
        shortcut="Shift+?"
        icon={<Keyboard aria-hidden="true" />}
        onPress={() => openDialog('shortcuts')}
      />
      <IconButton
        name="Help and about"
        tooltip="What the colours mean, what PCG is, licences."
        shortcut="F1"
        icon={<CircleHelp aria-hidden="true" />}
        onPress={() => openDialog('help')}
      />
    </header>
  );
}
