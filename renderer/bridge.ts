import type {
  Bridge,
  CallInput,
  CallName,
  CallOutput,
  PageEventName,
  PageEvents,
} from '../contract/calls';
import { FailureError } from '../contract/failure';

declare global {
  interface Window {
    readonly timbrel: Bridge;
  }
}

type Arguments<N extends CallName> =
  undefined extends CallInput<N> ? [input?: CallInput<N>] : [input: CallInput<N>];

/** Asks main. Throws `FailureError` when main answers with a failure. */
export async function call<N extends CallName>(
  name: N,
  ...[input]: Arguments<N>
): Promise<CallOutput<N>> {
  // Indexing the bridge with a generic name loses the link between input and output.
  const ask = window.timbrel[name] as (input: CallInput<N> | undefined) => ReturnType<Bridge[N]>;
  const reply = await ask(input);
  if (!reply.ok) throw new FailureError(reply.failure.kind, reply.failure.message);
  return reply.value as CallOutput<N>;
}

/** Listens to main. Returns its own off switch. */
export function on<E extends PageEventName>(
  event: E,
  listener: (value: PageEvents[E]) => void,
): () => void {
  return window.timbrel.on(event, listener);
}
