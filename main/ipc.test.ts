import type { IpcMainInvokeEvent } from 'electron';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallName, calls, channelOf, type Reply } from '../contract/calls';
import { FailureError } from '../contract/failure';
import { type Handlers, handleCalls } from './ipc';

type Listener = (event: IpcMainInvokeEvent, payload: unknown) => Promise<Reply<unknown>>;

const own = {} as IpcMainInvokeEvent;
const foreign = {} as IpcMainInvokeEvent;

/** Registers every call with a handler that notes what reached it. */
function open(handlers: Partial<Handlers> = {}) {
  const listeners = new Map<string, Listener>();
  const reached: { name: string; input: unknown }[] = [];
  const noting = Object.fromEntries(
    Object.keys(calls).map((name) => [
      name,
      (input: unknown) => void reached.push({ name, input }),
    ]),
  );
  handleCalls(
    {
      handle: (channel: string, listener: unknown) => listeners.set(channel, listener as Listener),
    },
    { ...noting, ...handlers } as Handlers,
    (event) => event === own,
  );
  const send = (name: CallName, payload: unknown, event = own) =>
    (listeners.get(channelOf(name)) as Listener)(event, payload);
  return { send, reached, listeners };
}

const names = Object.keys(calls) as CallName[];

describe('calls from the page', () => {
  it('each have one handler', () => {
    expect([...open().listeners.keys()].sort()).toEqual(names.map(channelOf).sort());
  });

  it('from a foreign frame are refused before they are looked at', async () => {
    const { send, reached } = open();
    for (const name of names) {
      const reply = await send(name, undefined, foreign);
      expect(reply).toMatchObject({ ok: false, failure: { kind: 'usage' } });
    }
    expect(reached).toEqual([]);
  });

  it.each(names)('%s: any payload is either parsed or refused by name', async (name) => {
    const { send, reached } = open();
    await fc.assert(
      fc.asyncProperty(fc.anything({ withBigInt: true, withDate: true }), async (payload) => {
        const before = reached.length;
        const reply = await send(name, payload);
        const parsed = calls[name].input.safeParse(payload);
        expect(reply.ok).toBe(parsed.success);
        expect(reached.length - before).toBe(parsed.success ? 1 : 0);
        if (!reply.ok) expect(reply.failure.message).toContain(name);
      }),
      { numRuns: 1000, seed: 7 },
    );
  });

  it('hand over what was parsed, not what was sent', async () => {
    const { send, reached } = open();
    await send('renameTake', { take: 'abcdefgh', name: '  Two  ', more: 1 });
    expect(reached).toEqual([{ name: 'renameTake', input: { take: 'abcdefgh', name: 'Two' } }]);
  });

  it('answer a thrown failure, and anything else thrown, as data', async () => {
    const { send } = open({
      listTakes: () => {
        throw new FailureError('storage', 'The folder is gone.');
      },
      restartEngine: async () => {
        throw new TypeError('surprise');
      },
    });
    expect(await send('listTakes', undefined)).toEqual({
      ok: false,
      failure: { kind: 'storage', message: 'The folder is gone.' },
    });
    expect(await send('restartEngine', undefined)).toMatchObject({
      ok: false,
      failure: { kind: 'runtime', message: 'surprise' },
    });
  });
});
