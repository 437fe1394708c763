/**
 * Commands that run in plain Node, by name (`scripts/command.mjs`): built beside the app, and left
 * out of the package, whose fuses forbid Electron to run as Node.
 * @type {Record<string, string>} each one's source
 */
export const COMMANDS = {
  speak: 'main/cli/speak.ts',
  gpu: 'main/cli/gpu.ts',
  vectors: 'main/cli/vectors.ts',
  neighbours: 'main/cli/neighbours.ts',
  'phone-models': 'main/cli/phone-models.ts',
  bench: 'bench/bench.ts',
  llama: 'bench/llama/process.ts',
  loop: 'bench/loop.ts',
  'bench-codec': 'bench/codec.ts',
  'bench-passes': 'bench/passes.ts',
  'record-verdicts': 'bench/replay/record-verdicts.ts',
};
