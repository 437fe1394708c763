import { ExternalLink } from 'lucide-react';
import { useEffect, useState } from 'react';
import { toFailure } from '../../contract/failure';
import type { Licences } from '../../contract/licences';
import { call } from '../bridge';
import { Button } from '../controls/Button';
import { Dialog } from '../controls/Dialog';
import { notify } from '../notices/notices';
import styles from './help.module.css';
import { readLicences } from './licences';

/** Everything that travels with the app, each with its licence in full. */
export function LicencesDialog({ onClose }: { onClose: () => void }) {
  const [licences, setLicences] = useState<Licences>([]);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    readLicences().then(setLicences, (error) => setProblem(toFailure(error).message));
  }, []);
  return (
    <Dialog
      title="Licences"
      isOpen
      onClose={onClose}
      size="large"
      actions={
        <Button
          name="Licences of Chromium"
          tooltip="Opens the licences of the parts of Electron and Chromium in your browser."
          shortcut="Alt+KeyC"
          icon={<ExternalLink aria-hidden="true" />}
          onPress={() => void call('openChromiumLicences').catch(notify)}
        />
      }
    >
      {problem && <p role="alert">{problem}</p>}
      {licences.map((entry) => (
        <Entry key={nameOf(entry.packages[0])} {...entry} />
      ))}
    </Dialog>
  );
}

function Entry({ packages, licence, text }: Licences[number]) {
  const [isOpen, setOpen] = useState(false);
  const [first, ...others] = packages.map(nameOf);
  return (
    <details className={styles.licence} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {first}
        {others.length > 0 && ` and ${others.length} more`} <span>{licence}</span>
      </summary>
      {isOpen && (
        <>
          {others.length > 0 && <p>For {packages.map(nameOf).join(', ')}:</p>}
          <pre>{text}</pre>
        </>
      )}
    </details>
  );
}

const nameOf = ({ name, version }: Licences[number]['packages'][number]) =>
  version ? `${name} ${version}` : name;
