import {
  commit,
  decodeBase64Url,
  encodeLeaf,
  type JsonObject,
  type Leaf,
  parseTlogProof,
  sha256,
  verifyTlogProof,
  webProofCrypto,
} from '@pactgate/proof';
import { until } from '../../tools/live/process.ts';
import type { Stage } from './stage.ts';

type Shown = Awaited<ReturnType<typeof readRecords>>[number];

async function readRecords(stage: Stage, log: string, from: number) {
  const { items } = await stage.theatre.operator.call('records', { params: { log }, query: { limit: 500 } });
  return items.filter(({ leaf }) => Date.parse(String(leaf['t'])) >= from);
}

/** Id of the log that is meant: the agreement's own, or the platform's. */
export async function logOf(stage: Stage, which: 'agreement' | 'platform' | 'master'): Promise<string> {
  if (which === 'agreement') return stage.party.log;
  const { items } = await stage.theatre.operator.call('logs', {});
  const log = items.find(({ kind }) => kind === which);
  if (log === undefined) throw new Error(`there is no ${which} log`);
  return log.id;
}

/** A value as a script writes it: `device=pump-7` means its pseudonym. */
async function meantBy(stage: Stage, name: string, value: string): Promise<string> {
  if (name !== 'device') return value;
  const params = { agreement: stage.party.agreement, device: value };
  return (await stage.theatre.operator.call('device', { params })).summary.pseudonym;
}

/** The newest record of a kind, made since the script began, whose body has those members. */
export async function findRecord(
  stage: Stage,
  which: 'agreement' | 'platform' | 'master',
  kind: string,
  members: ReadonlyMap<string, string>,
): Promise<Shown> {
  const log = await logOf(stage, which);
  const wanted = new Map<string, string>();
  for (const [name, value] of members) wanted.set(name, await meantBy(stage, name, value));
  const found = await until(
    async () => {
      const records = await readRecords(stage, log, stage.startedAt);
      return records.find(
        ({ leaf, body = {} }) =>
          leaf['k'] === kind &&
          [...wanted].every(([name, value]) => (name === 'outcome' ? String(leaf['o']) : textOf(body[name])) === value),
      );
    },
    { within: 30_000, every: 500 },
  );
  if (found === undefined) {
    const said = [...members].map(([name, value]) => `${name}=${value}`).join(' ');
    throw new Error(`no record ${kind} ${said} in the ${which} log within 30 s`);
  }
  return found;
}

/** A member as a script would write it: texts bare, everything else as JSON. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/**
 * Verifies one record without trusting the platform: B's witness cosigns, then its inclusion is proven with the keys of
 * the document that B signed, and its body is the one its leaf commits to.
 */
export async function proveRecord(
  stage: Stage,
  which: 'agreement' | 'platform' | 'master',
  kind: string,
  members: ReadonlyMap<string, string>,
): Promise<void> {
  const { party, theatre } = stage;
  const record = await findRecord(stage, which, kind, members);
  const log = await logOf(stage, which);
  const leaf = record.leaf as unknown as Leaf; // parsed again by its encoder, whose bytes the proof is about
  const proven = await until(
    async () => {
      await party.witness();
      const bytes = await party.client.call('proof', { params: { log }, query: { index: record.index } });
      const proof = parseTlogProof(new TextDecoder().decode(bytes));
      return verifyTlogProof(webProofCrypto, proof, encodeLeaf(leaf), party.policy()).catch(() => undefined);
    },
    { within: 15_000, every: 300 },
  );
  if (proven === undefined)
    throw new Error(`record ${record.index} (${kind}) is not proven under a cosigned checkpoint`);
  const { body, salt } = await theatre.operator.call('record', { params: { log, index: String(record.index) } });
  if (body === undefined || salt === undefined) throw new Error(`record ${record.index} has no body`);
  const committed = commit({ sha256 }, decodeBase64Url(salt), body as JsonObject);
  if (committed !== leaf.cm) throw new Error(`the body of record ${record.index} is not the one committed to`);
}
