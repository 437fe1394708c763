import { useEffect } from 'react';
import { Acceptance } from '../acceptance/Acceptance';
import { Deck } from '../deck/Deck';
import { ExportDialog } from '../export/ExportDialog';
import { chooseExportOfLane } from '../export/export';
import { openDialog, useDialogs } from '../help/dialogs';
import { HelpDialog } from '../help/HelpDialog';
import { LicencesDialog } from '../help/LicencesDialog';
import { ListeningDialog } from '../listening/ListeningDialog';
import { Notices } from '../notices/Notices';
import { usePreferences } from '../preferences/preferences';
import { LineExportDialog } from '../project/LineExportDialog';
import { ProjectPanel } from '../project/ProjectPanel';
import { useProjectKeys } from '../project/useProjectKeys';
import { ScriptPanel } from '../script/ScriptPanel';
import { ShortcutsDialog } from '../shortcuts/ShortcutsDialog';
import { useShortcut } from '../shortcuts/useShortcut';
import { EngineBanner } from '../status/EngineBanner';
import { Header } from '../status/Header';
import { StatusBar } from '../status/StatusBar';
import { TakesPanel } from '../takes/TakesPanel';
import { applyTheme } from '../theme/theme';
import { UpdateDialog } from '../update/UpdateDialog';
import styles from './app.module.css';
import { useWorkspace } from './workspace';

export function App() {
  const theme = usePreferences((preferences) => preferences.theme);
  const dialog = useDialogs(({ open }) => open);
  useEffect(() => applyTheme(theme), [theme]);
  useShortcut('$mod+KeyE', 'Export the take in focus', chooseExportOfLane);
  useProjectKeys();
  const shown = useWorkspace((workspace) => workspace.shown);
  const close = () => openDialog('none');
  return (
    <div className={styles.app}>
      <Header />
      <EngineBanner />
      <main className={styles.columns}>
        <div className={styles.script}>
          <ScriptPanel />
        </div>
        <div className={styles.rest}>
          {shown === 'project' ? (
            <div className={styles.project}>
              <ProjectPanel />
            </div>
          ) : (
            <div className={styles.centre}>
              <Deck />
              <Acceptance />
            </div>
          )}
          <div className={styles.takes}>
            <TakesPanel />
          </div>
        </div>
      </main>
      <StatusBar />
      <Notices />
      <ExportDialog />
      <ListeningDialog />
      <LineExportDialog />
      <UpdateDialog />
      {dialog === 'help' && <HelpDialog onClose={close} />}
      {dialog === 'licences' && <LicencesDialog onClose={close} />}
      {dialog === 'shortcuts' && <ShortcutsDialog onClose={close} />}
    </div>
  );
}
