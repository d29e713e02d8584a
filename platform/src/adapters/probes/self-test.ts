import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  encodeUtf8,
  entriesPath,
  parseCheckpoint,
  parseNote,
  parseTlogProof,
  parseVkey,
  tilePath,
  VerifiedLog,
  verifyInclusion,
  verifyNote,
} from '@pactgate/proof';
import { nodeHasher, nodeProofCrypto } from '../proof-crypto.ts';
import { ask, type Place } from './https.ts';

/** One log as an outsider reaches it: public addresses, a token, and the log's key from elsewhere. */
export interface LogTarget extends Place {
  readonly token: string;
  readonly origin: string;
  readonly vkey: string;
  /** Id in `/api/v1/logs/{id}`. */
  readonly id: string;
  /** Ends waiting and the other program. */
  readonly signal: AbortSignal;
}

/** What a verifier found. `indexes`: the leaves it proved. */
export interface Verified {
  readonly size: number;
  readonly indexes: readonly number[];
}

/** Offline proofs asked for beside the tiles: every leaf is proved by tiles, some by the proof address as well. */
const offlineProofs = 3;
const waits = 6;
const longestWait = 65_000;

/** Below `/logs/` of an origin. */
const pathOf = (origin: string, rest: string): string => `${origin.slice(origin.indexOf('/logs/'))}/${rest}`;

/** Reads an address; one that asks to wait is asked again (429). Undefined for 404. */
async function read(target: LogTarget, path: string): Promise<Buffer | undefined> {
  const headers = { authorization: `Bearer ${target.token}` };
  for (let turn = 0; ; turn++) {
    const answer = await ask(target, { method: 'GET', path, headers });
    if (answer.status === 200) return answer.body;
    if (answer.status === 404) return undefined;
    if (answer.status !== 429 || turn >= waits) throw new Error(`HTTP ${answer.status} from ${path}`);
    const wait = Math.min(longestWait, 1_000 * Math.max(1, Number(answer.headers['retry-after'] ?? 1)));
    await sleep(wait, undefined, { signal: target.signal });
  }
}

async function need(target: LogTarget, path: string): Promise<Buffer> {
  const body = await read(target, path);
  if (body === undefined) throw new Error(`nothing at ${path}`);
  return body;
}

/** Different indexes below `size`, the last among them: all of them when there are no more than asked for. */
export function draw(size: number, wanted: number): readonly number[] {
  if (size <= wanted) return Array.from({ length: size }, (_, i) => i);
  const drawn = new Set([size - 1]);
  while (drawn.size < wanted) drawn.add(randomInt(size));
  return [...drawn];
}

/**
 * Verifies the newest checkpoint of a log and leaves of it with the `proof` package, over the public addresses alone
 * (A3.4.6): signature, tiles to the root, entries to leaves, and a few offline proofs. Throws what does not hold.
 */
export async function verifyLog(target: LogTarget, leaves: number): Promise<Verified> {
  const note = parseNote(await need(target, pathOf(target.origin, 'checkpoint')));
  await verifyNote(nodeProofCrypto, note, [parseVkey(nodeProofCrypto, target.vkey)]);
  const head = parseCheckpoint(note.text);
  if (head.origin !== target.origin) throw new Error(`a checkpoint of ${head.origin}`);
  const log = new VerifiedLog(
    nodeHasher,
    {
      readTile: (tile) => read(target, pathOf(target.origin, tilePath(tile))),
      readEntries: (entries) => read(target, pathOf(target.origin, entriesPath(entries))),
    },
    head,
  );
  await log.verifyHead();
  const indexes = draw(head.size, leaves);
  for (const [turn, index] of indexes.entries()) {
    const entry = await log.entry(index);
    if (turn < offlineProofs) await checkProof(target, index, entry);
  }
  return { size: head.size, indexes };
}

async function checkProof(target: LogTarget, index: number, entry: Uint8Array): Promise<void> {
  const text = await need(target, `/api/v1/logs/${target.id}/proof?index=${index}`);
  const proof = parseTlogProof(text.toString('utf8'));
  const note = parseNote(proof.checkpoint);
  await verifyNote(nodeProofCrypto, note, [parseVkey(nodeProofCrypto, target.vkey)]);
  const { size, root, origin } = parseCheckpoint(note.text);
  if (origin !== target.origin || proof.index !== index) throw new Error('a proof of something else');
  verifyInclusion(nodeHasher, proof.path, { index, size, leafHash: nodeHasher.leaf(entry), root });
}

/** Answer of the independent build; `absent`: this machine has no Python with `cryptography`. */
export type Independent =
  | { readonly kind: 'absent' }
  | { readonly kind: 'passed'; readonly verifier: string; readonly leaves: number }
  | { readonly kind: 'failed'; readonly verifier: string; readonly error: string };

const pythonTimeout = 300_000;
const maxOutput = 65_536;
/** Exit status of the script where the library is missing. */
const absentStatus = 3;

/** Runs `tools/verify_log.py` on the same leaves: another language, another library, not a line of ours. */
export async function verifyIndependently(
  script: string,
  target: LogTarget,
  indexes: readonly number[],
  command = 'python3',
): Promise<Independent> {
  const { promise, resolve } = Promise.withResolvers<Independent>();
  const child = spawn(command, ['-I', script, '--stdin'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: pythonTimeout,
    signal: target.signal,
    env: { PATH: process.env['PATH'] ?? '/usr/bin' },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    if (text.length < maxOutput) text += part;
  });
  child.on('error', () => resolve({ kind: 'absent' }));
  child.on('close', (status) => resolve(status === absentStatus ? { kind: 'absent' } : readOutcome(text)));
  child.stdin.on('error', () => undefined); // it ended before it read: its status says why
  const at = target.host.includes(':') ? `[${target.host}]` : target.host;
  const url = `https://${at}:${target.port}${pathOf(target.origin, '')}`;
  const { token, vkey, roots } = target;
  // The token goes over a pipe: arguments can be seen by everybody on the machine.
  child.stdin.end(JSON.stringify({ url, vkey, token, ca: roots.join(''), indexes }));
  return promise;
}

function readOutcome(text: string): Independent {
  const unnamed = { kind: 'failed', verifier: 'verify_log.py', error: 'it gave no answer' } as const;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return unnamed; // a crash: its status and text say nothing we could rely on
  }
  if (typeof parsed !== 'object' || parsed === null) return unnamed;
  const { ok, verifier, leaves, error } = parsed as Readonly<Record<string, unknown>>; // fields are checked below
  const name = typeof verifier === 'string' ? verifier : unnamed.verifier;
  if (ok === true && typeof leaves === 'number') return { kind: 'passed', verifier: name, leaves };
  return { kind: 'failed', verifier: name, error: typeof error === 'string' ? error : unnamed.error };
}

/** UTF-8 length is what the record's schema bounds, and peers choose these words. */
export const oneLine = (text: string): string =>
  Buffer.from(encodeUtf8(text.replaceAll(/\s+/g, ' ')).subarray(0, 400))
    .toString('utf8')
    .replaceAll('\ufffd', '');
