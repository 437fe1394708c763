import { toFailure } from '../../contract/failure';
import { forkChannel, parentPort, portChannel } from './channel';
import { makeMappedCopies } from './mapped-copy';
import type { Channel, CopyCommand, CopyReport } from './messages';

const parent: Channel<CopyReport, CopyCommand> = parentPort
  ? portChannel(parentPort)
  : forkChannel();

parent.onMessage(async ({ graphs, folder }) => {
  const failure = await makeMappedCopies(graphs, folder).then(() => null, toFailure);
  parent.post({ failure });
});
parent.onClose(() => process.exit(0));
