import { parseArgs } from 'node:util';
import { FailureError } from '../contract/failure';
import { type Lookahead, MAX_LOOKAHEAD } from '../contract/settings';
import {
  CODEC_PLACES,
  type CodecPlace,
  DEVICE_CHOICES,
  type DeviceChoice,
} from '../main/inference/messages';
import { SENTENCES } from './sentences';

export const USAGE = `npm run bench -- [options]

Decodes sentences plainly, exactly and coarse-grained in turn, and compares pair by pair.

  --sentences N     of twelve (12; the suite: 4)
  --seeds N         each sentence under so many seeds (3; the suite: 1)
  --voice NAME      (the pack's first)
  --theta NUMBER    (the pack's)
  --lookahead K     1 to 8, or adaptive (the pack's)
  --pack FOLDER     (models/default)
  --device DEVICE   auto, cuda, webgpu, coreml, dml or cpu (auto)
  --codec PLACE     inside the process that decodes, apart in its own, or auto: apart beside a GPU
                    (auto)
  --json            print every figure as JSON

  --suite full      every lookahead on every device, a larger pair with random weights, llama.cpp
                    with the same weights, the floor that memory sets, and what grows with what;
                    written to docs/performance.md. Takes some ten minutes, more with a GPU.
  --parts LIST      only these of it, with commas, and nothing written: decoding,pair,llama,growth
  --rival COMMAND   a command that prints one JSON object of tokens a second by name, such as
                    {"plain": 200}; it takes its turns among the ways of decoding
  --machine TEXT    how the suite's page calls this machine (its processor)`;

/** What the suite consists of. */
export const PARTS = ['decoding', 'pair', 'llama', 'growth'] as const;
export type Part = (typeof PARTS)[number];

export type BenchFlags = {
  help: boolean;
  json: boolean;
  suite: boolean;
  parts: readonly Part[];
  sentences: number | null;
  seeds: number | null;
  voice: string | null;
  theta: number | null;
  lookahead: Lookahead | null;
  pack: string | null;
  device: DeviceChoice;
  codec: CodecPlace;
  rival: string | null;
  machine: string | null;
};

/** Throws a `usage` failure in one sentence. */
export function parseFlags(args: string[]): BenchFlags {
  const given = values(args);
  const { device, codec, suite, voice = null, pack = null, rival = null, machine = null } = given;
  if (!DEVICE_CHOICES.some((choice) => choice === device)) {
    throw usage(`--device takes ${DEVICE_CHOICES.join(', ')}.`);
  }
  if (!CODEC_PLACES.some((place) => place === codec)) {
    throw usage(`--codec takes ${CODEC_PLACES.join(', ')}.`);
  }
  if (suite !== undefined && suite !== 'full') throw usage('--suite takes full.');
  if (suite === undefined) {
    for (const flag of ['parts', 'rival', 'machine'] as const) {
      if (given[flag] !== undefined) throw usage(`--${flag} goes with --suite full.`);
    }
  } else if (device !== 'auto' || given.lookahead !== undefined) {
    const flag = device === 'auto' ? 'lookahead' : 'device';
    throw usage(`--${flag} does not go with --suite full, which runs them all.`);
  }
  const whole = (flag: 'sentences' | 'seeds', most: number) =>
    given[flag] === undefined ? null : Math.floor(number(flag, given[flag], 1, most));
  return {
    help: given.help,
    json: given.json,
    suite: suite === 'full',
    parts: given.parts === undefined ? PARTS : partsOf(given.parts),
    sentences: whole('sentences', SENTENCES.length),
    seeds: whole('seeds', 1000),
    voice,
    theta: given.theta === undefined ? null : number('theta', given.theta, -1, 1),
    lookahead: given.lookahead === undefined ? null : lookaheadOf(given.lookahead),
    pack,
    device: device as DeviceChoice,
    codec: codec as CodecPlace,
    rival,
    machine,
  };
}

function values(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        sentences: { type: 'string' },
        seeds: { type: 'string' },
        voice: { type: 'string' },
        theta: { type: 'string' },
        lookahead: { type: 'string' },
        pack: { type: 'string' },
        device: { type: 'string', default: 'auto' },
        codec: { type: 'string', default: 'auto' },
        suite: { type: 'string' },
        parts: { type: 'string' },
        rival: { type: 'string' },
        machine: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw usage(`${(error as Error).message.split('\n')[0]}`);
  }
}

const usage = (sentence: string) => new FailureError('usage', sentence);

function number(flag: string, given: string, least: number, most: number): number {
  const value = Number(given);
  if (given.trim() === '' || !(value >= least && value <= most)) {
    throw usage(`--${flag} takes a number from ${least} to ${most}.`);
  }
  return value;
}

function lookaheadOf(given: string): Lookahead {
  return given === 'adaptive' ? given : Math.floor(number('lookahead', given, 1, MAX_LOOKAHEAD));
}

function partsOf(list: string): Part[] {
  const names = list.split(',');
  const parts = PARTS.filter((part) => names.includes(part));
  if (parts.length !== names.length) throw usage(`--parts takes some of ${PARTS.join(',')}.`);
  return parts;
}
