import { GenerateBar } from '../jobs/GenerateBar';
import { Panel } from '../layout/Panel';
import { ScriptEditor } from './ScriptEditor';
import { SettingsForm } from './SettingsForm';
import styles from './script.module.css';

export function ScriptPanel() {
  return (
    <Panel title="Script & voice" footer={<GenerateBar />}>
      <div className={styles.column}>
        <ScriptEditor />
        <SettingsForm />
      </div>
    </Panel>
  );
}
