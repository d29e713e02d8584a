import type { Gap } from '../conduct.ts';
import type { Device } from '../devices.ts';
import {
  activeDevices,
  atRisk,
  breached,
  brokenSources,
  type Lack,
  lackOf,
  met,
  notApplicable,
  type Outcome,
  refsOf,
  unknownBy,
  type View,
  why,
} from '../finding.ts';
import { type Rule, readsActive } from '../rule.ts';
import type { Finding } from '../types.ts';
import type { WhyArg } from '../why.ts';
import { sumOf } from '../windows.ts';

const subject = 'reports';

interface OpenGap {
  readonly device: string;
  readonly gap: Gap;
}

/** The oldest unexplained gap over all devices, silent ones too. */
function oldestGap(view: View): OpenGap | undefined {
  let oldest: OpenGap | undefined;
  for (const { id, conduct } of view.evaluation.devices.byId.values())
    for (const gap of conduct.gaps)
      if (oldest === undefined || gap.seenAt < oldest.gap.seenAt) oldest = { device: id, gap };
  return oldest;
}

function judgeGap(view: View): Finding | undefined {
  const open = oldestGap(view);
  if (open === undefined) return undefined;
  const { device, gap } = open;
  const limit = view.terms.ms('explainWithin');
  const age = view.at - gap.seenAt;
  const args = { device, from: gap.from, to: gap.to, age: { ms: age }, limit: { ms: limit } };
  if (age > limit) return breached(subject, why('report/gap', args), { code: 'REPORT_GAP', refs: [gap.ref] });
  return atRisk(subject, why('report/gap-open', args), [gap.ref]);
}

function judgeReports(view: View): Finding | undefined {
  const { reports, lastReport, limits } = view.evaluation.incidents;
  const [total = 0, onTime = 0, invalid = 0] = sumOf(reports, view.at);
  const share = view.terms.number('onTimeShare');
  const refs = refsOf(lastReport);
  const period = { ms: limits.periodMs };
  if (invalid > 0) return breached(subject, why('report/invalid', { invalid, period }), { code: 'REPORT_GAP', refs });
  if (total === 0) return undefined;
  const args = { onTime, total, share: { share: onTime / total }, limit: { share }, period };
  return onTime + 1e-9 >= share * total ? met(subject, why('report/good', args), refs) : late(view, args);
}

function late(view: View, args: Readonly<Record<string, WhyArg>>): Finding {
  const { lastLate } = view.evaluation.incidents;
  const last = { device: lastLate?.device ?? '', delay: { ms: lastLate?.delayMs ?? 0 } };
  return breached(subject, why('report/late', { ...args, ...last }), { code: 'REPORT_LATE', refs: refsOf(lastLate) });
}

/** Whether self-tests show the way to be open for enough of the devices: only then is silence worth something. */
function lackOfTests(view: View, active: readonly Device[]): Lack | undefined {
  const lacks = active.flatMap(({ bornAt, conduct: { selftest } }) => {
    const passed = selftest?.body.passed === false ? undefined : selftest;
    return lackOf(view, 'incident.selftest', passed, selftest?.at ?? bornAt) ?? [];
  });
  const tested = active.length - lacks.length;
  if (tested + 1e-9 >= view.terms.number('onTimeShare') * active.length) return undefined;
  const since = Math.min(...lacks.slice(0, 1_000).map((lack) => lack.since));
  return { kind: 'incident.selftest', since, why: why('report/untested', { tested, total: active.length }) };
}

/**
 * B2.6.2 Timely incident reporting: at least `onTimeShare` of the reports are received within `onlineWithin` of
 * detection, or within `reconnectWithin` of the reconnect; every report is valid; sequence gaps are explained within
 * `explainWithin` (a gap is at-risk until then). The period of the share is the agreed age of `incident.selftest`
 * (30 d). One subject. Never any report, but the way proven open by fresh self-tests: n/a. Without active devices or
 * self-tests: unknown.
 */
export const b262: Rule = {
  id: 'B2.6.2',
  reads: [...readsActive, 'ledger.reconcile'],
  judge: (view): Outcome => {
    const { active, silent } = activeDevices(view);
    const gap = judgeGap(view);
    const reports = judgeReports(view);
    const counts = { silent };
    const bad = [gap, reports].find((finding) => finding?.status === 'breached');
    if (bad !== undefined) return { findings: [bad], counts };
    if (active.length === 0) return { findings: [], counts };
    const lack = brokenSources(view) ?? lackOfTests(view, active);
    if (lack !== undefined) return { findings: [unknownBy(subject, lack)], counts };
    return {
      findings: [gap ?? reports ?? notApplicable(subject, why('report/none', { total: active.length }))],
      counts,
    };
  },
};
