import { expect, it } from 'vitest';
import { PLAIN_USE } from '../../main/inference/messages';
import type { Llama } from '../llama/llama';
import { llamaContestants } from './llama-contestants';
import { NOTHING } from './turns';

const places = [
  { name: 'CPU, 2 threads', device: 'cpu', threads: 2 },
  { name: 'a GPU', device: 'cuda', threads: 2, gpu: PLAIN_USE },
] as const;

const task = {
  prompt: () => [1],
  tokens: () => 9,
  temperature: 0.8,
  topP: 1,
  lookahead: 4,
};

it('takes its turns where the target runs, and drafts on the processor alone', async () => {
  const turns: string[] = [];
  const named = (name: string) => ({
    decode: async ({ lookahead }: Parameters<Llama['decode']>[0]) => {
      turns.push(`${name} ${lookahead}`);
      return NOTHING;
    },
  });
  const contestants = llamaContestants({ cpu: named('cpu'), gpu: named('gpu') }, places, task);
  for (const { decode } of contestants) await decode(0, 1);
  expect(turns).toEqual(['cpu null', 'cpu 4', 'gpu null']);
  expect(contestants.map(({ place, method }) => `${place}: ${method}`)).toEqual([
    'CPU, 2 threads: llama.cpp, plain',
    'CPU, 2 threads: llama.cpp, speculative, K 4',
    'a GPU: llama.cpp, plain',
  ]);
});

it('is left out where it is not to be had', () => {
  const cpu = { decode: async () => NOTHING };
  const contestants = llamaContestants({ cpu, gpu: null }, places, { ...task, lookahead: null });
  expect(contestants.map(({ place }) => place)).toEqual(['CPU, 2 threads']);
});
