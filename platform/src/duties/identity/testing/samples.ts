import type { DeviceId, PartyId } from '../../../kernel/ids.ts';
import { days, instant, later } from '../../../kernel/time.ts';
import type { IdentityRecord, PeerFacts } from '../admit.ts';
import type { Certificate, CertificateRequest, Device } from '../ports.ts';

export const now = instant('2026-03-02T00:00Z');
const hex = (digit: string): string => digit.repeat(64);
export const spkiA = hex('a');
export const spkiB = hex('b');

export const device: Device = {
  agreement: 'ag-1',
  party: 'acme' as PartyId,
  id: 'pump-7' as DeviceId,
  pseudonym: 'd_AAAAAAAAAAAAAAAA',
  model: 'pump',
  state: 'active',
  level: 0,
  created: instant(now - days(30)),
  clone: 'none',
};
export const certificate: Certificate = {
  serial: '41'.repeat(16),
  spki: spkiA,
  fingerprint: hex('f'),
  agreement: 'ag-1',
  party: device.party,
  device: device.id,
  issuer: 'ca-1',
  state: 'live',
  notBefore: instant(now - days(3)),
  notAfter: later(now, days(4)),
  created: instant(now - days(3)),
};
export const peer: PeerFacts = {
  authorized: true,
  spki: spkiA,
  serial: certificate.serial,
  fingerprint: hex('f'),
};
export const record: IdentityRecord = { certificate, device, party: { agreement: 'ag-1' }, issuerTrusted: true };
export const request: CertificateRequest = {
  spki: new Uint8Array(91),
  spkiHash: spkiB,
  key: 'P-256',
  subject: { cn: ['pump-7'], o: [], others: 0 },
};
