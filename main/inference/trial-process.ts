import { toFailure } from '../../contract/failure';
import { forkChannel, parentPort, portChannel } from './channel';
import { capMemory } from './memory-cap';
import { type Channel, refusal, type TrialCommand, type TrialReport } from './messages';
import { tryPack } from './pack-trial';
import { tryDevice } from './trial';

const parent: Channel<TrialReport, TrialCommand> = parentPort
  ? portChannel(parentPort)
  : forkChannel();

parent.onMessage(async (command) => {
  if (command.type === 'pack') {
    capMemory(command.memoryBytes);
    const tell = (file: string) => parent.post({ type: 'trying', file });
    const failure = await tryPack(command, tell).then(() => null, toFailure);
    parent.post({ type: 'tried', failure });
    return;
  }
  const { pack, device, thorough } = command;
  const verdict = await tryDevice(pack, device, thorough).catch((error) =>
    refusal(toFailure(error).message),
  );
  parent.post({ type: 'verdict', verdict });
});
parent.onClose(() => process.exit(0));
