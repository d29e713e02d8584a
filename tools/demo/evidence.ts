import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseAnchors, parsePolicy, sha256, verifyCheckpoint, webProofCrypto } from '@pactgate/proof';
import type { AnswerOf, routes } from '@pactgate/protocol/api';
import { inParallel, type Running, until } from '../live/process.ts';
import { type Party, policyFile, type World } from './world.ts';

export interface ClauseCounts {
  readonly clause: string;
  readonly met: number;
  readonly atRisk: number;
  readonly breached: number;
  readonly unknown: number;
  readonly notApplicable: number;
  readonly waived: number;
  readonly notImplemented: number;
}
export interface LedgerLine {
  readonly origin: string;
  readonly size: number;
  readonly checkpointVerified: boolean;
  readonly cosigned: boolean;
}

type Board = AnswerOf<(typeof routes)['board']>;
export const boardOf = ({ client, agreement }: Party): Promise<Board> =>
  client.call('board', { params: { agreement } });

/** Rows that the hostile devices of the first party break; every other row must be in order. */
const brokenByAttack: ReadonlySet<string> = new Set(['B2.2.1', 'B2.3.2', 'B2.4.1']);
/** What an honest party's rows are; `n/a`: nothing of the kind happened, and the way for it was proven open. */
const good: ReadonlySet<string> = new Set(['met', 'n/a']);

const judged = ({ rows }: Board) => rows.filter(({ status }) => status !== 'not-implemented');

const patience = 60_000;
/** After so long the reader is told what is waited for. */
const quiet = 8_000;

type Rows = ReturnType<typeof judged>;
const words = (rows: Rows): string =>
  rows.map(({ row, status, why }) => `${row} ${status}: ${why[0]?.en ?? ''}`).join(' | ');

/** Waits until no judged row is out of place; answers those that still are, and the board they stand on. */
async function settle(
  { progress }: World,
  party: Party,
  isInPlace: (row: Rows[number]) => boolean,
): Promise<{ readonly board: Board; readonly wrong: Rows }> {
  const began = performance.now();
  let told = false;
  const look = async () => {
    const board = await boardOf(party);
    return { board, wrong: judged(board).filter((row) => !isInPlace(row)) };
  };
  const settled = await until(
    async () => {
      const seen = await look();
      if (seen.wrong.length === 0) return seen;
      if (!told && performance.now() - began > quiet) progress.note(`waiting for ${words(seen.wrong)}`);
      told ||= performance.now() - began > quiet;
      return undefined;
    },
    { within: patience, every: 500 },
  );
  return settled ?? look();
}

/** The board of an honest party: every row that is judged is met. */
export async function honestBoard(world: World, party: Party): Promise<void> {
  const { progress } = world;
  const { board, wrong } = await settle(world, party, ({ status }) => good.has(status));
  const { length } = judged(board);
  progress.held(`${party.plan.id}: all ${length} judged rows in order`, wrong.length === 0, words(wrong));
  const isShown = judged(board).every(({ name, duty, criterion }) =>
    [name, duty, criterion].every(({ zh, en }) => zh !== '' && en !== ''),
  );
  progress.held(`${party.plan.id}: each is shown in both languages`, isShown);
}

/** The board of the party with hostile devices: what they broke is breached, the rest holds. */
export async function attackedBoard(world: World, party: Party): Promise<void> {
  const { wrong } = await settle(world, party, ({ row, status }) =>
    brokenByAttack.has(row) ? status === 'breached' : good.has(status),
  );
  const name = `${party.plan.id}: what was attacked is breached, the rest in order`;
  world.progress.held(name, wrong.length === 0, words(wrong));
}

/** Rows that are neither in order nor breached, with their reason. */
export async function unsettled(parties: readonly Party[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const party of parties)
    for (const { row, status, why } of judged(await boardOf(party)))
      if (!good.has(status) && status !== 'breached')
        lines.push(`${party.plan.id} ${row} ${status}: ${why[0]?.en ?? ''}`);
  return lines;
}

type Sum = { -readonly [K in keyof ClauseCounts]: ClauseCounts[K] };
const countNames = ['met', 'atRisk', 'breached', 'unknown', 'notApplicable', 'waived', 'notImplemented'] as const;

/** Clauses 2.1 to 3.6, all parties together. */
export async function clausesOf(parties: readonly Party[]): Promise<readonly ClauseCounts[]> {
  const boards = await Promise.all(parties.map(boardOf));
  const sums = new Map<string, Sum>();
  for (const { title: _, ...counts } of boards.flatMap(({ clauses }) => clauses)) {
    const known = sums.get(counts.clause);
    if (known === undefined) sums.set(counts.clause, { ...counts });
    else for (const name of countNames) known[name] += counts[name];
  }
  return [...sums.values()].toSorted((a, b) => a.clause.localeCompare(b.clause));
}

/** B's witnesses, one process each, as a device party runs them. */
export const startWitness = ({ cli }: Party): Running => cli.start(['witness', '--interval', '1']);

/** Every log the party trusts, opened by the proof package with the party's own anchors; waits for a cosignature. */
export async function ledgersOf(party: Party): Promise<readonly LedgerLine[]> {
  const anchors = parseAnchors({ sha256 }, await readFile(policyFile(party)));
  const policy = parsePolicy({ sha256 }, anchors.policy);
  const { items } = await party.client.call('logs', {});
  const lines: LedgerLine[] = [];
  for (const { key } of policy.logs) {
    const log = items.find(({ origin }) => origin === key.name)?.id;
    if (log === undefined) {
      lines.push({ origin: key.name, size: 0, checkpointVerified: false, cosigned: false });
      continue;
    }
    const open = async () => {
      const bytes = await party.client.call('checkpoint', { params: { log } });
      return verifyCheckpoint(webProofCrypto, bytes, policy);
    };
    const witnessed = await until(
      async () => {
        const verified = await open().catch(() => undefined);
        return verified?.quorum === true ? verified : undefined;
      },
      { within: 10_000, every: 200 },
    );
    const verified = witnessed ?? (await open().catch(() => undefined));
    lines.push({
      origin: key.name,
      size: verified?.checkpoint.size ?? 0,
      checkpointVerified: verified !== undefined,
      cosigned: witnessed !== undefined,
    });
  }
  return lines;
}

/** Places of a bundle where a byte is flipped: everywhere in turn, its ends included. */
const places = [0, 0.13, 0.29, 0.5, 0.71, 0.88, 1] as const;

/**
 * Exports a party's evidence, verifies it with the party's own anchors, then changes one byte in several places: each
 * change must be found.
 */
export async function verifyAndTamper({ scratch, progress }: World, party: Party): Promise<boolean> {
  const { cli, plan } = party;
  const bundle = path.join(scratch, `${plan.id}-evidence.zip`);
  await cli.call(['evidence', 'export', '--output', bundle]);
  const verify = (file: string) => cli.call(['verify', file, '--policy', policyFile(party)], { expect: 'any' });
  const whole = await verify(bundle);
  progress.held(`${plan.id}: the evidence verifies`, whole.code === 0, `exit ${whole.code} ${faultsOf(whole.json)}`);
  const bytes = await readFile(bundle);
  const isFound = async (place: number): Promise<boolean> => {
    const changed = Buffer.from(bytes);
    const at = Math.min(changed.length - 1, Math.floor(changed.length * place));
    changed.writeUInt8(changed.readUInt8(at) ^ 0x01, at);
    const file = path.join(scratch, `${plan.id}-changed-${at}.zip`);
    await writeFile(file, changed);
    const { code } = await verify(file);
    await rm(file);
    if (code !== 1) progress.note(`a byte flipped at ${at} of ${changed.length}: exit ${code}`);
    return code === 1;
  };
  let found = 0;
  await inParallel(places, 2, async (place) => {
    if (await isFound(place)) found++;
  });
  return progress.held(
    'a flipped byte is found wherever it is',
    found === places.length,
    `${found} of ${places.length}`,
  );
}

/** What a verification found wrong, in short. */
function faultsOf(json: Readonly<Record<string, unknown>>): string {
  const findings = Array.isArray(json['findings'])
    ? (json['findings'] as { ok?: boolean; text?: { en?: string } }[])
    : [];
  const faults = findings.filter(({ ok }) => ok === false).map(({ text }) => text?.en ?? '');
  return `${faults.slice(0, 4).join(' | ')}${'error' in json ? JSON.stringify(json['error']) : ''}`;
}

/** The running platform, verified with the party's anchors: signatures, cosignatures, tiles, samples. */
export async function verifyLivePlatform({ server, progress }: World, party: Party): Promise<void> {
  const live = await until(
    async () => {
      const answer = await party.cli.call(['verify', server.url, '--policy', policyFile(party)], { expect: 'any' });
      return answer.code === 0 ? answer : undefined;
    },
    { within: 20_000, every: 1_000 },
  );
  const shown =
    live ?? (await party.cli.call(['verify', server.url, '--policy', policyFile(party)], { expect: 'any' }));
  progress.held(
    `${party.plan.id}: the running platform verifies`,
    shown.code === 0,
    `exit ${shown.code} ${faultsOf(shown.json)}`,
  );
}
