import { chmodSync, rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { Problem } from '@pactgate/protocol';
import { type BackupAnswer, backUp } from './offline.ts';
import type { Core } from './platform.ts';

/** What the operator of this machine may ask of a running platform, over a socket in the data directory (mode 0600). */
export type ControlAsk =
  | { readonly ask: 'sign-in-link'; readonly email?: string }
  | { readonly ask: 'setup-link' }
  | { readonly ask: 'backup'; readonly to: string; readonly keysTo?: string };
interface LinkAnswer {
  readonly link: string;
  readonly expiresAt: number;
}
export type ControlAnswer = LinkAnswer | BackupAnswer | { readonly error: string };

export const controlSocket = (dataDirectory: string): string => path.join(dataDirectory, 'control.sock');
const maxLine = 1_024;
/** A backup copies whole files. */
const answerMs = 600_000;

async function answer(core: Core, ask: ControlAsk, dataDirectory: string): Promise<ControlAnswer> {
  const { people, base } = core;
  if (ask.ask === 'backup') return backUp({ store: base.store, clock: base.clock, dataDirectory }, ask.to, ask.keysTo);
  if (ask.ask === 'setup-link') {
    const made = await people.createSetUpLink();
    return made ? { link: made.link, expiresAt: made.expiresAt } : { error: 'there is an administrator already' };
  }
  const person = await personFor(people, ask.email);
  if (person === undefined) return { error: 'no such person' };
  const { link, expiresAt } = await people.createSignInLink(person, 'operator');
  return { link, expiresAt };
}

/** The person of this address, or the first administrator. */
async function personFor(people: Core['people'], email: string | undefined): Promise<string | undefined> {
  if (email !== undefined) return people.accounts.idOf(email);
  const all = await people.store.people('platform');
  return all.find(({ role }) => role === 'a.admin')?.id;
}

/** Opens the socket: whoever may read the data directory is the operator. */
export async function openControl(core: Core, dataDirectory: string): Promise<{ close(): Promise<void> }> {
  const file = controlSocket(dataDirectory);
  rmSync(file, { force: true });
  const server = net.createServer((socket) => {
    socket.setTimeout(answerMs, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.length > maxLine) socket.destroy();
      if (!text.includes('\n')) return;
      reply(core, text, dataDirectory)
        .then((line) => socket.end(`${JSON.stringify(line)}\n`))
        .catch((error: unknown) => {
          core.base.failed(error);
          socket.end(`${JSON.stringify({ error: error instanceof Problem ? error.detail : 'internal' })}\n`);
        });
    });
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(file, resolve);
  await promise;
  chmodSync(file, 0o600);
  return {
    close: () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      return closed.promise;
    },
  };
}

async function reply(core: Core, text: string, dataDirectory: string): Promise<ControlAnswer> {
  const asked: unknown = JSON.parse(text);
  if (typeof asked !== 'object' || asked === null || !('ask' in asked)) return { error: 'not a question' };
  const word = (name: string): string | undefined => {
    const value: unknown = Reflect.get(asked, name);
    return typeof value === 'string' ? value : undefined;
  };
  const question = questionOf(word);
  return question ? answer(core, question, dataDirectory) : { error: 'unknown question' };
}

function questionOf(word: (name: string) => string | undefined): ControlAsk | undefined {
  const [ask, to, keysTo, email] = [word('ask'), word('to'), word('keysTo'), word('email')];
  if (ask === 'setup-link') return { ask };
  if (ask === 'sign-in-link') return email === undefined ? { ask } : { ask, email };
  if (ask === 'backup' && to !== undefined) return keysTo === undefined ? { ask, to } : { ask, to, keysTo };
  return undefined;
}

/** Asks the running platform of a data directory; `request/unavailable` when none runs. */
export function askControl(dataDirectory: string, ask: ControlAsk): Promise<ControlAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ControlAnswer>();
  const socket = net.connect(controlSocket(dataDirectory), () => socket.write(`${JSON.stringify(ask)}\n`));
  let text = '';
  socket.setTimeout(answerMs, () => socket.destroy(new Error('no answer')));
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  socket.on('end', () => resolve(JSON.parse(text) as ControlAnswer)); // the platform of the same version answers
  socket.on('error', (cause) =>
    reject(new Problem('request/unavailable', `no platform runs on ${dataDirectory}`, { cause })),
  );
  return promise;
}
