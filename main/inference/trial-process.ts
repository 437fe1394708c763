import { toFailure } from '../../contract/failure';
import { forkChannel, parentPort, portChannel } from './channel';
import { type Channel, refusal, type TrialCommand, type TrialReport } from './messages';
import { tryDevice } from './trial';

const parent: Channel<TrialReport, TrialCommand> = parentPort
  ? portChannel(parentPort)
  : forkChannel();

parent.onMessage(async ({ pack, device, thorough }) => {
  try {
    parent.post({ verdict: await tryDevice(pack, device, thorough) });
  } catch (error) {
    parent.post({ verdict: refusal(toFailure(error).message) });
  }
});
parent.onClose(() => process.exit(0));
