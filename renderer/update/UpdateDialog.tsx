import { Download, Power, RotateCw } from 'lucide-react';
import { Button } from '../controls/Button';
import { Dialog } from '../controls/Dialog';
import { useEngine } from '../engine/engine';
import {
  checkForUpdate,
  closeUpdate,
  downloadUpdate,
  installUpdate,
  type Update,
  useUpdate,
} from './update';

/** What was found, and what to do about it: nothing is fetched or installed without a press here. */
export function UpdateDialog() {
  const update = useUpdate((state) => state.update);
  const version = useEngine((engine) => engine.version);
  if (update.step === 'closed') return null;
  return (
    <Dialog
      title="Updates"
      isOpen
      onClose={() => void closeUpdate()}
      actions={<Actions update={update} />}
    >
      <p role={update.step === 'failed' ? 'alert' : 'status'}>{sentence(update, version)}</p>
    </Dialog>
  );
}

function sentence(update: Exclude<Update, { step: 'closed' }>, version: string): string {
  switch (update.step) {
    case 'checking':
      return 'Asking the update feed…';
    case 'latest':
      return `Timbrel ${version} is the latest version.`;
    case 'found':
      return `Timbrel ${update.version} can be downloaded; this is ${version}.`;
    case 'downloading':
      return `Downloading Timbrel ${update.version}: ${Math.round(update.share * 100)} %.`;
    case 'downloaded':
      return `Timbrel ${update.version} is downloaded and verified. Timbrel closes to install it; takes and projects stay.`;
    case 'failed':
      return update.failure.message;
  }
}

function Actions({ update }: { update: Update }) {
  switch (update.step) {
    case 'found':
      return (
        <Button
          name="Download"
          tooltip="Fetches the new version and verifies it; nothing is installed yet."
          shortcut="Alt+KeyD"
          tone="primary"
          icon={<Download aria-hidden="true" />}
          onPress={() => void downloadUpdate(update.version)}
        />
      );
    case 'downloaded':
      return (
        <Button
          name="Close and install"
          tooltip="Puts the new version in the place of this one."
          shortcut="Alt+KeyI"
          tone="primary"
          icon={<Power aria-hidden="true" />}
          onPress={() => void installUpdate()}
        />
      );
    case 'failed':
      return (
        <Button
          name="Try again"
          tooltip="Asks the update feed again."
          shortcut="Alt+KeyT"
          icon={<RotateCw aria-hidden="true" />}
          onPress={() => void checkForUpdate()}
        />
      );
    default:
      return undefined;
  }
}
