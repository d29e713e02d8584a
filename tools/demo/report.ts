import type { ClauseCounts, LedgerLine } from './evidence.ts';
import type { AttackOutcome } from './hostile.ts';

/** What `npm run demo -- --once --json` prints last. */
export interface DemoReport {
  readonly ok: boolean;
  readonly durationMs: number;
  readonly agreements: readonly { readonly party: string; readonly state: string }[];
  readonly devices: { readonly enrolled: number; readonly connectedPeak: number };
  readonly messages: { readonly accepted: number; readonly storedDurably: number; readonly refused: number };
  readonly fieldsDropped: number;
  readonly attacks: readonly AttackOutcome[];
  readonly isolation: { readonly sessionCutMs: number; readonly deviceSawMs: number };
  readonly ledgers: readonly LedgerLine[];
  readonly tamperDetected: boolean;
  readonly clauses: readonly ClauseCounts[];
  readonly checks: { readonly held: number; readonly failed: readonly string[] };
}

/** Columns of equal width; wide characters do not occur in what the demo shows. */
function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const all = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const yes = (value: boolean): string => (value ? 'yes' : 'NO');

/** The report as a person reads it. */
export function summaryOf(report: DemoReport): string {
  const { devices, messages, isolation, checks } = report;
  return [
    '',
    `agreements   ${report.agreements.map(({ party, state }) => `${party}: ${state}`).join(', ')}`,
    `devices      ${devices.enrolled} enrolled, ${devices.connectedPeak} connected at once`,
    `messages     ${messages.accepted} accepted, ${messages.storedDurably} found in store and ledgers, ${messages.refused} refused`,
    `fields       ${report.fieldsDropped} undeclared fields dropped`,
    `isolation    live session cut ${isolation.sessionCutMs} ms after the order was committed; the device saw it after ${isolation.deviceSawMs} ms`,
    `tampering    ${report.tamperDetected ? 'every changed byte was found' : 'NOT FOUND EVERYWHERE'}`,
    '',
    table(
      ['attack', 'recorded as', 'held', 'what the attacker saw'],
      report.attacks.map(({ name, reasonCode, ok, observed }) => [
        name,
        reasonCode ?? '-',
        yes(ok),
        observed.length > 90 ? `${observed.slice(0, 89)}~` : observed,
      ]),
    ),
    '',
    table(
      ['ledger', 'records', 'checkpoint verified', 'cosigned'],
      report.ledgers.map(({ origin, size, checkpointVerified, cosigned }) => [
        origin,
        size,
        yes(checkpointVerified),
        yes(cosigned),
      ]),
    ),
    '',
    table(
      ['clause', 'met', 'at risk', 'breached', 'unknown', 'n/a', 'waived', 'not implemented'],
      report.clauses.map((clause) => [
        clause.clause,
        clause.met,
        clause.atRisk,
        clause.breached,
        clause.unknown,
        clause.notApplicable,
        clause.waived,
        clause.notImplemented,
      ]),
    ),
    '',
    report.ok
      ? `Everything held: ${checks.held} checks in ${(report.durationMs / 1_000).toFixed(0)} s.`
      : `NOT EVERYTHING HELD (${checks.held} held):\n${checks.failed.map((line) => `  - ${line}`).join('\n')}`,
  ].join('\n');
}
