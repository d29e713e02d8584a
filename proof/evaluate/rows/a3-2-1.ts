import { breached, lackOf, met, missing, type Outcome, refsOf, unknownBy, type View, why } from '../finding.ts';
import type { Listener } from '../listeners.ts';
import type { Rule } from '../rule.ts';
import { editionRow } from '../state.ts';
import { isAcceptedSuite, tlsVersion } from '../suites.ts';
import { termsOf } from '../terms.ts';
import type { Finding, Seen } from '../types.ts';
import type { Why } from '../why.ts';

const code = 'ENDPOINT_WEAK';
const wordsOf = (texts: readonly string[]): readonly string[] =>
  texts.flatMap((text) => text.split(/[\s/:,]+/)).filter(Boolean);

/** Default deny: a word that is neither an accepted version nor an accepted suite is a weak one. */
const weakWord = (words: readonly string[], minTls: number): string | undefined =>
  words.find((word) => {
    const version = tlsVersion(word);
    return version === undefined ? !isAcceptedSuite(word) : version < minTls;
  });

function findingOf({ body }: Seen<'probe.tls'>, minTls: number): Why | undefined {
  if (body.plaintext) return why('tls/plaintext');
  if (!body.chainValid) return why('tls/chain');
  const weak = weakWord(wordsOf(body.accepted), minTls);
  if (weak !== undefined) return why('tls/weak', { what: weak });
  return body.findings[0] === undefined ? undefined : why('tls/finding', { finding: body.findings[0] });
}

function judgeListener(view: View, { name, bornAt, tls }: Listener): Finding {
  const lack = lackOf(view, 'probe.tls', tls, bornAt);
  if (lack !== undefined || tls === undefined)
    return unknownBy(name, lack ?? missing('probe.tls', bornAt), refsOf(tls));
  const refs = [tls.ref];
  const minTls = Number(termsOf(editionRow(view.evaluation, 'B2.3.1'), view.evaluation.facts.params).text('minTls'));
  const found = findingOf(tls, minTls);
  if (found !== undefined) return breached(name, found, { code, refs });
  const margin = view.terms.ms('expiryMargin');
  const left = tls.body.notAfter - view.at;
  if (left < margin) {
    const args = { left: { ms: Math.max(0, left) }, margin: { ms: margin } };
    return breached(name, why('tls/expiry', args), { code, refs, cureMs: view.terms.ms('expiryCure') });
  }
  const downgrade = wordsOf(tls.body.refused).some((word) => (tlsVersion(word) ?? minTls) < minTls);
  if (tls.body.accepted.length === 0 || !downgrade)
    return unknownBy(name, { kind: 'probe.tls', since: tls.at, why: why('tls/untried') }, refs);
  return met(name, why('tls/good', { offers: tls.body.accepted.length, left: { ms: left } }), refs);
}

/**
 * A3.2.1 Platform secure channels: the last scan of each listener found only accepted versions (`minTls` of B2.3.1) and
 * suites, a valid chain with at least `expiryMargin` left, no plaintext, nothing else. A scan that was offered nothing,
 * or never tried a version below the floor, proves nothing: unknown. Subject: each listener scanned or used.
 */
export const a321: Rule = {
  id: 'A3.2.1',
  reads: ['session.open'],
  judge: (view): Outcome => {
    const named = [...view.evaluation.listeners.values()].filter(
      ({ tls, sessionAt }) => tls !== undefined || sessionAt > 0,
    );
    return { findings: named.map((listener) => judgeListener(view, listener)) };
  },
};
