import { CommandMessage, type CommandResult, isMessage } from '@pactgate/protocol';

export type JsonMembers = Readonly<Record<string, unknown>>;

/**
 * Carries a command out. What it returns is the result of the outcome `done`; what it throws, by its message, that of
 * `failed`. `signal` aborts at the command's deadline: the answer is then `failed` whatever the handler still does.
 */
export type CommandHandler = (
  payload: unknown,
  context: { readonly id: string; readonly signal: AbortSignal },
) => JsonMembers | undefined | Promise<JsonMembers | undefined>;

export interface CommandParts {
  readonly publish: (topic: string, payload: string) => Promise<void>;
  readonly now: () => number;
  /** An answer that could not be delivered. */
  readonly failed: (cause: unknown) => void;
}

/** Commands whose result is remembered: the platform repeats what it does not know to be delivered. */
const maxRemembered = 256;
/** Commands carried out at once; more are answered as failed. */
const maxRunning = 16;
/** Longest time a command gets, in milliseconds. */
const maxDeadline = 3_600_000;
const maxResult = 3_500;

/** A command as the platform sends it; `undefined` for anything else. */
export function readCommand(topic: string, payload: Uint8Array): CommandMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return undefined; // not JSON: nobody of ours wrote it
  }
  return isMessage(CommandMessage, value) && topic === `dn/cmd/${value.id}` ? value : undefined;
}

/** Runs commands once each, by their id, and answers on `up/cmd/{id}/accepted` and `up/cmd/{id}/result`. */
export class Commands {
  readonly #parts: CommandParts;
  readonly #handlers = new Map<string, CommandHandler>();
  /** Result by command id; undefined while it runs. Oldest first. */
  readonly #known = new Map<string, CommandResult | undefined>();
  #running = 0;

  constructor(parts: CommandParts) {
    this.#parts = parts;
  }

  on(name: string, handler: CommandHandler): void {
    this.#handlers.set(name, handler);
  }

  /** Takes a command in; never rejects. */
  async receive(command: CommandMessage): Promise<void> {
    const { id } = command;
    if (this.#known.has(id)) {
      const known = this.#known.get(id);
      if (known !== undefined) await this.#answer(id, known);
      return;
    }
    this.#remember(id, undefined);
    const result = await this.#run(command);
    this.#remember(id, result);
    await this.#answer(id, result);
  }

  async #run(command: CommandMessage): Promise<CommandResult> {
    const handler = this.#handlers.get(command.name);
    if (handler === undefined) return failure(`this device knows no command ${command.name}`);
    if (this.#running >= maxRunning) return failure(`${maxRunning} commands are running already`);
    this.#running++;
    try {
      await this.#parts.publish(`up/cmd/${command.id}/accepted`, '{}');
      return bounded(await this.#within(command, handler));
    } catch (cause) {
      return failure(cause instanceof Error ? cause.message : String(cause));
    } finally {
      this.#running--;
    }
  }

  async #within(command: CommandMessage, handler: CommandHandler): Promise<CommandResult> {
    // A clock that is wrong must not make every command late: at least a second, at most an hour.
    const time = Math.min(maxDeadline, Math.max(1_000, command.deadline - this.#parts.now()));
    const controller = new AbortController();
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      controller.abort();
      late.reject(new Error('not finished before the deadline'));
    }, time);
    try {
      const work = Promise.resolve(handler(command.payload, { id: command.id, signal: controller.signal }));
      const result = await Promise.race([work, late.promise]);
      return result === undefined ? { outcome: 'done' } : { outcome: 'done', result };
    } finally {
      clearTimeout(timer);
    }
  }

  async #answer(id: string, result: CommandResult): Promise<void> {
    try {
      await this.#parts.publish(`up/cmd/${id}/result`, JSON.stringify(result));
    } catch (cause) {
      this.#parts.failed(cause);
    }
  }

  #remember(id: string, result: CommandResult | undefined): void {
    this.#known.set(id, result);
    if (this.#known.size <= maxRemembered) return;
    const oldest = this.#known.keys().next().value;
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

const failure = (error: string): CommandResult => ({ outcome: 'failed', result: { error: error.slice(0, 500) } });

/** A result that fits a control message. */
function bounded(result: CommandResult): CommandResult {
  const size = Buffer.byteLength(JSON.stringify(result));
  return size <= maxResult ? result : failure(`the result is too long for one message (${size} octets)`);
}
