import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import type { z } from 'zod';
import { type CallName, type CallOutput, calls, channelOf, type Reply } from '../contract/calls';
import { FailureError, toFailure } from '../contract/failure';

/** What main does for each call: parsed input in, plain data out. */
export type Handlers = {
  [N in CallName]: (
    input: z.output<(typeof calls)[N]['input']>,
  ) => CallOutput<N> | Promise<CallOutput<N>>;
};

/**
 * Answers every call of the contract. A sender that `isTrusted` does not know is refused before its
 * payload is looked at; a payload is parsed as unknown; a thrown failure becomes data.
 */
export function handleCalls(
  ipc: Pick<IpcMain, 'handle'>,
  handlers: Handlers,
  isTrusted: (event: IpcMainInvokeEvent) => boolean,
): void {
  for (const name of Object.keys(calls) as CallName[]) {
    ipc.handle(channelOf(name), async (event, payload: unknown): Promise<Reply<unknown>> => {
      if (!isTrusted(event)) {
        return refuse(new FailureError('usage', `${name} was called by an unknown page.`));
      }
      const input = calls[name].input.safeParse(payload);
      if (!input.success) {
        const [issue] = input.error.issues;
        const where = [name, ...issue.path.map(String)].join('.');
        return refuse(new FailureError('usage', `${where}: ${issue.message}.`));
      }
      try {
        // The table's types tie each name to its input; the loop over names forgets that.
        const handler = handlers[name] as (input: unknown) => unknown;
        return { ok: true, value: await handler(input.data) };
      } catch (error) {
        return refuse(error);
      }
    });
  }
}

function refuse(error: unknown): Reply<never> {
  return { ok: false, failure: toFailure(error) };
}
