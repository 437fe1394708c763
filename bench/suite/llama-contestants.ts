import type { Llama } from '../llama/llama';
import type { Place } from './places';
import type { Contestant } from './turns';

/** What llama.cpp is to decode at a turn. */
export type LlamaTask = {
  prompt: (sentence: number) => number[];
  tokens: (sentence: number) => number;
  temperature: number;
  topP: number;
  /** Of its own speculative decoding on the processor; null leaves that out. */
  lookahead: number | null;
};

type Decoder = Pick<Llama, 'decode'> | null;

/** llama.cpp at the places that are the processor, plainly and speculatively, and plainly at those that are a GPU. */
export function llamaContestants(
  llamas: { cpu: Decoder; gpu: Decoder },
  places: readonly Place[],
  task: LlamaTask,
): Contestant[] {
  return places.flatMap(({ name, threads, gpu }) => {
    const llama = gpu ? llamas.gpu : llamas.cpu;
    if (!llama) return [];
    const lookaheads = gpu || task.lookahead === null ? [null] : [null, task.lookahead];
    return lookaheads.map((lookahead) => ({
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
    }));
  });
}
