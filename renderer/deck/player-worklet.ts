import { Mixer } from './mixer';
import { type NumberedCommand, PLAYER_NAME, type PlayerReport } from './player-messages';

// TypeScript's DOM library leaves out the scope that audio worklets run in.
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

const REPORTS_PER_SECOND = 30;

class Player extends AudioWorkletProcessor {
  private readonly mixer = new Mixer(sampleRate);
  private sequence = 0;
  private sinceReport = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<NumberedCommand>) => {
      this.carryOut(data);
      this.sequence = data.sequence;
      if (data.type !== 'append') this.report();
    };
  }

  process(_inputs: Float32Array[][], [output]: Float32Array[][]): boolean {
    const [first, ...others] = output;
    const before = this.mixer.state;
    this.mixer.render(first);
    for (const channel of others) channel.set(first);
    this.sinceReport += first.length;
    const { state } = this.mixer;
    const due = state === 'playing' && this.sinceReport * REPORTS_PER_SECOND >= sampleRate;
    if (due || state !== before) this.report();
    return true;
  }

  private report(): void {
    this.sinceReport = 0;
    const { state, position } = this.mixer;
    const report: PlayerReport = { state, position, sequence: this.sequence };
    this.port.postMessage(report);
  }

  private carryOut(command: NumberedCommand): void {
    const { mixer } = this;
    switch (command.type) {
      case 'clear':
        mixer.clear(command.lane);
        break;
      case 'begin':
        mixer.begin(command.lane, command.sampleRate);
        break;
      case 'append':
        mixer.append(command.lane, command.samples);
        break;
      case 'finish':
        mixer.finish(command.lane);
        break;
      case 'gain':
        mixer.setGain(command.lane, command.gain);
        break;
      case 'play':
        mixer.play();
        break;
      case 'stop':
        mixer.stop();
        break;
      case 'seek':
        mixer.seek(command.seconds);
        break;
      case 'loop':
        mixer.setLoop(command.region);
        break;
      case 'select':
        mixer.select(command.lane, command.mode);
        break;
      case 'timeMap':
        mixer.setTimeMap(command.map);
        break;
    }
  }
}

registerProcessor(PLAYER_NAME, Player);
