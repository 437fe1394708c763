import { useEffect, useState } from 'react';
import { Select } from '../controls/Select';
import { notify } from '../notices/notices';
import { remember, usePreferences } from '../preferences/preferences';
import { listOutputDevices, type OutputDevice, setOutputDevice } from './player';

const SYSTEM = 'system';

/** Which device plays; remembered. */
export function OutputSelect() {
  const chosen = usePreferences(({ outputDevice }) => outputDevice);
  const devices = useOutputDevices();
  useEffect(() => {
    setOutputDevice(chosen).catch(notify);
  }, [chosen]);

  const options = [
    { value: SYSTEM, label: 'System output' },
    ...devices.map(({ id, label }) => ({ value: id, label })),
  ];
  if (chosen !== '' && !devices.some(({ id }) => id === chosen)) {
    options.push({ value: chosen, label: 'Not connected' });
  }
  return (
    <Select
      name="Sound output"
      tooltip="The device that plays the lanes. It is remembered."
      shortcut="KeyO"
      hidesLabel
      value={chosen === '' ? SYSTEM : chosen}
      options={options}
      onChange={(value) => remember({ outputDevice: value === SYSTEM ? '' : value })}
    />
  );
}

function useOutputDevices(): OutputDevice[] {
  const [devices, setDevices] = useState<OutputDevice[]>([]);
  useEffect(() => {
    const media = navigator.mediaDevices as MediaDevices | undefined;
    if (!media) return;
    const list = () => void listOutputDevices().then(setDevices, notify);
    list();
    media.addEventListener('devicechange', list);
    return () => media.removeEventListener('devicechange', list);
  }, []);
  return devices;
}
