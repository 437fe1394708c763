import { toFailure } from '../../contract/failure';
import { forkChannel, parentPort, portChannel } from './channel';
import { CodecDecoder } from './codec';
import type { Channel, CodecCommand, CodecReport } from './messages';

/** Vocodes what comes, in order, until the other end is gone. */
function serve(channel: Channel<CodecReport, CodecCommand>): void {
  let codec: Promise<CodecDecoder> | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  async function decode(tokens: number[], voice: number): Promise<CodecReport> {
    try {
      if (!codec) throw new Error('The codec was not opened.');
      return { type: 'decoded', samples: await (await codec).decode(tokens, voice) };
    } catch (error) {
      return { type: 'failed', failure: toFailure(error) };
    }
  }

  channel.onMessage((command) => {
    switch (command.type) {
      case 'open':
        codec = CodecDecoder.open(command.pack, command.threads);
        // A failure is told to whoever asks for sound.
        codec.catch(() => undefined);
        break;
      case 'decode':
        queue = queue.then(async () => channel.post(await decode(command.tokens, command.voice)));
        break;
      case 'shutdown':
        process.exit(0);
    }
  });
  channel.onClose(() => process.exit(0));
}

if (parentPort) {
  parentPort.on('message', ({ ports: [port] }) => serve(portChannel(port)));
} else {
  serve(forkChannel());
}
