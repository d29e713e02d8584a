import { ask, codeOf, type Place } from './https.ts';
import { type Credentials, makeKey, makeRequest, type ProbeKey, readCertsOnly, toCredentials } from './material.ts';

/** A probe's device and what it shows. */
export interface Guise {
  readonly device: string;
  readonly credentials: Credentials;
}

/** First enrolment by one-time code, over the same EST that every device uses (RFC 7030 section 4.2). */
export async function enrol(
  place: Place,
  claim: { readonly party: string; readonly device: string; readonly code: string },
  issuers: readonly Uint8Array[],
): Promise<Guise & { readonly key: ProbeKey }> {
  const { party, device, code } = claim;
  const key = await makeKey();
  const request = await makeRequest(key, device);
  const answer = await ask(place, {
    method: 'POST',
    path: `/.well-known/est/${party}/simpleenroll`,
    headers: {
      authorization: `Basic ${Buffer.from(`${party}/${device}:${code}`).toString('base64')}`,
      'content-type': 'application/pkcs10',
    },
    body: Buffer.from(request).toString('base64'),
  });
  if (answer.status !== 200) throw new Error(`enrolment of a probe: ${answer.status} ${codeOf(answer)}`);
  const own = readCertsOnly(Buffer.from(answer.body.toString('latin1'), 'base64'));
  return { device, key, credentials: toCredentials(key, [own, ...issuers]) };
}
