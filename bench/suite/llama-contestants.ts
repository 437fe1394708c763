import type { Llama } from '../llama/llama';
import type { Place } from './places';
import type { Contestant } from './turns';

/** What llama.cpp is to decode at a turn. */
export type LlamaTask = {
  prompt: (sentence: number) => number[];
  tokens: (sentence: number) => number;
  temperature: number;
  topP: number;
  /** Of its own speculative decoding; null leaves that out. */
  lookahead: number | null;
};

/** llama.cpp at the places that are the CPU, plainly and speculatively. */
export function llamaContestants(
  llama: Llama,
  places: readonly Place[],
  task: LlamaTask,
): Contestant[] {
  const lookaheads = task.lookahead === null ? [null] : [null, task.lookahead];
  return places
    .filter(({ device }) => device === 'cpu')
    .flatMap(({ name, threads }) =>
      lookaheads.map((lookahead) => ({
        place: name,
        method: `llama.cpp, ${lookahead === null ? 'plain' : `speculative, K ${lookahead}`}`,
        decode: (sentence: number, seed: number) =>
          llama.decode({
            threads,
            prompt: task.prompt(sentence),
            tokens: task.tokens(sentence),
            temperature: task.temperature,
            topP: task.topP,
            seed,
            lookahead,
          }),
      })),
    );
}
