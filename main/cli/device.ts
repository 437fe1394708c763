import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../cache-folder';
import { forkChild } from '../child';
import { type ChosenDevice, chooseDevice } from '../devices/choose-device';
import { trialKey } from '../devices/drivers';
import { Verdicts } from '../devices/verdicts';
import type { DeviceChoice } from '../inference/messages';
import type { Pack } from '../packs/pack';

/** The built entries, of which the command that runs is one. `folder` is where it lies. */
const trialEntry = (folder: string) => join(folder, 'trial.js');

/** Where a command of the build in `folder` is to run a pack. */
export function deviceFor(pack: Pack, choice: DeviceChoice, folder: string): Promise<ChosenDevice> {
  const { version } = JSON.parse(readFileSync(join(folder, '../../package.json'), 'utf8'));
  return chooseDevice(pack.engine, choice, {
    start: () => forkChild(trialEntry(folder)),
    verdicts: new Verdicts(
      join(cacheFolder(), 'device-trials.json'),
      trialKey(pack.sha256, version),
    ),
  });
}
