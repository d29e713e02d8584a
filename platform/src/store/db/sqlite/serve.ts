import { parentPort } from 'node:worker_threads';
import { errorToData, type Operations, type ReplyMessage, type RequestMessage } from './messages.ts';

export type Handlers<O extends Operations> = {
  readonly [Op in keyof O]: (request: O[Op]['request']) => O[Op]['reply'] | Promise<O[Op]['reply']>;
};
/** Buffers a reply hands over instead of copying. */
export const transferKey = 'transfer';

/**
 * Worker side: answers each request with the handler of its name, in order of arrival (handlers that return a promise
 * let later ones pass). `close` runs `onClose`, after which the worker ends.
 */
export function serve<O extends Operations>(handlers: Handlers<O>, onClose: () => void): void {
  const port = parentPort;
  if (!port) throw new Error('this module is the entry of a worker thread');
  const byName = new Map<string, (request: object) => object | Promise<object>>(Object.entries(handlers));

  const answer = (message: ReplyMessage, transfer: readonly ArrayBuffer[] = []): void =>
    port.postMessage(message, [...transfer]);
  const fail = (id: number, error: unknown): void => answer({ id, ok: false, error: errorToData(error) });
  const succeed = (id: number, reply: object): void => answer({ id, ok: true, reply }, buffersOf(reply));

  const handle = ({ id, op, request }: RequestMessage): void => {
    try {
      const handler = byName.get(op);
      if (!handler) throw new Error(`unknown operation ${op}`);
      const reply = handler(request);
      if (reply instanceof Promise) {
        reply.then(
          (value: object) => succeed(id, value),
          (error: unknown) => fail(id, error),
        );
      } else succeed(id, reply);
    } catch (error) {
      fail(id, error);
    }
  };

  port.on('message', (message: RequestMessage) => {
    if (message.op !== 'close') {
      handle(message);
      return;
    }
    // Whatever happens in `onClose`, the thread ends: the other side waits for that.
    port.close();
    onClose();
  });
}

function buffersOf(reply: object): readonly ArrayBuffer[] {
  const given = transferKey in reply ? reply[transferKey] : undefined;
  return given instanceof ArrayBuffer ? [given] : [];
}
