import { toFailure } from '../../contract/failure';
import { forkChannel, parentPort, portChannel } from './channel';
import type { Channel, TrialCommand, TrialReport } from './messages';
import { tryDevice } from './trial';

const parent: Channel<TrialReport, TrialCommand> = parentPort
  ? portChannel(parentPort)
  : forkChannel();

parent.onMessage(async ({ pack, device }) => {
  try {
    parent.post({ verdict: await tryDevice(pack, device) });
  } catch (error) {
    parent.post({ verdict: { objection: toFailure(error).message, roundMs: null, half: false } });
  }
});
parent.onClose(() => process.exit(0));
