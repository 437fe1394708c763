import { GPU_BACKENDS } from './install';
import type { LlamaCommand, LlamaDecode, LlamaReport } from './messages';

/*
 * llama.cpp in a process of its own: it may abort, and its threads wait by spinning.
 */

type Sequence = {
  tokenPredictions: { validated: number; refuted: number };
  clearHistory(): Promise<void>;
  evaluate(tokens: number[], options: Record<string, unknown>): AsyncGenerator<number>;
};
type Context = { getSequence(options?: Record<string, unknown>): Sequence };
type Model = {
  createContext(options: Record<string, unknown>): Promise<Context>;
};
/** What is used of the binding, which is not there when this is compiled. */
type Binding = {
  getLlama(options: Record<string, unknown>): Promise<{
    llamaCppRelease: { release: string };
    getGpuDeviceNames(): Promise<string[]>;
    loadModel(options: Record<string, unknown>): Promise<Model>;
  }>;
  DraftSequenceTokenPredictor: new (draft: Sequence, options: Record<string, unknown>) => unknown;
  TokenBias: { for(model: Model): { set(token: number, bias: 'never'): void } };
};

/** A model and what keeps it from drawing what only pads its head. */
type Biased = { model: Model; tokenBias: unknown };

type Opened = {
  binding: Binding;
  target: Biased;
  draft: Biased | null;
  positions: number;
  sequences: Map<string, Sequence>;
};

let opened: Opened | null = null;

async function open(command: Extract<LlamaCommand, { type: 'open' }>): Promise<LlamaReport> {
  const binding = (await import(/* @vite-ignore */ command.binding)) as Binding;
  const { backend } = command;
  const asBuilt = { gpu: backend, build: 'never', skipDownload: true, logLevel: 'disabled' };
  const llama = await binding.getLlama(asBuilt).catch((cause: Error) => {
    // Its words are a name.
    if (cause.message !== 'NoBinaryFoundError') throw cause;
    throw new Error(
      `its build ${backend ? `for ${GPU_BACKENDS[backend]} ` : ''}does not load here.`,
      { cause },
    );
  });
  const gpus = backend ? await llama.getGpuDeviceNames() : [];
  // It would decode on the processor, and not say so.
  if (backend && gpus.length === 0) throw new Error(`it finds no GPU by ${GPU_BACKENDS[backend]}.`);
  const gpuLayers = backend ? 'max' : 0;
  const load = async (modelPath: string): Promise<Biased> => {
    const model = await llama.loadModel({ modelPath, gpuLayers });
    const tokenBias = binding.TokenBias.for(model);
    for (let id = command.vocabularySize; id < command.rows; id++) tokenBias.set(id, 'never');
    return { model, tokenBias };
  };
  opened = {
    binding,
    target: await load(command.target),
    draft: command.draft === null ? null : await load(command.draft),
    positions: command.positions,
    sequences: new Map(),
  };
  return { type: 'opened', release: llama.llamaCppRelease.release, gpus };
}

async function decode(command: LlamaDecode): Promise<LlamaReport> {
  if (!opened) throw new Error('No model was opened.');
  const sequence = await sequenceFor(opened, command);
  const options = {
    temperature: command.temperature,
    topK: 0,
    topP: command.topP,
    minP: 0,
    seed: command.seed,
    repeatPenalty: false,
    yieldEogToken: true,
    tokenBias: opened.target.tokenBias,
  };
  await sequence.clearHistory();
  const before = { ...sequence.tokenPredictions };
  const tokens: number[] = [];
  const start = performance.now();
  for await (const token of sequence.evaluate(command.prompt, options)) {
    tokens.push(token);
    if (tokens.length >= command.tokens) break;
  }
  const ms = performance.now() - start;
  const { validated, refuted } = sequence.tokenPredictions;
  return {
    type: 'decoded',
    tokens,
    ms,
    validated: validated - before.validated,
    refuted: refuted - before.refuted,
  };
}

/** One for each number of threads and each lookahead, made when it is first needed. */
async function sequenceFor(
  { binding, target, draft, positions, sequences }: Opened,
  { threads, lookahead }: LlamaDecode,
): Promise<Sequence> {
  const key = `${threads} ${lookahead}`;
  const known = sequences.get(key);
  if (known) return known;
  const context = ({ model }: Biased) =>
    model.createContext({ contextSize: positions, threads: { ideal: threads, min: threads } });
  let sequence: Sequence;
  if (lookahead === null) {
    sequence = (await context(target)).getSequence();
  } else {
    if (!draft) throw new Error('There is no model to draft with.');
    const tokenPredictor = new binding.DraftSequenceTokenPredictor(
      (await context(draft)).getSequence(),
      {
        // It drafts beside its target and takes what is there: at least one, or nothing is drafted.
        minTokens: 1,
        maxTokens: lookahead,
        minConfidence: 0,
        // A draft counts when it equals what the target draws: the likeliest one does most often.
        evaluateOptions: { temperature: 0, tokenBias: draft.tokenBias },
      },
    );
    sequence = (await context(target)).getSequence({ tokenPredictor });
  }
  sequences.set(key, sequence);
  return sequence;
}

process.on('message', async (command: LlamaCommand) => {
  const report = await (command.type === 'open' ? open(command) : decode(command)).catch(
    (error: Error): LlamaReport => ({ type: 'failed', message: error.message.split('\n')[0] }),
  );
  process.send?.(report);
});

// Whoever asked is gone: a decoding under way is for nobody.
process.on('disconnect', () => process.exit());
