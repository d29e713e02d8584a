import type { Certificate, Device } from '../duties/identity/index.ts';
import type { Instant } from '../kernel/time.ts';
import type { NewRecord } from '../parties/record.ts';

// What the life of certificates and keys leaves in the log of its agreement.

export const issued = (device: Device, certificate: Certificate): NewRecord => ({
  agreement: device.agreement,
  kind: 'cert.issue',
  outcome: 'issued',
  body: {
    device: device.pseudonym,
    serial: certificate.serial,
    spki: certificate.spki,
    issuer: certificate.issuer,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
  },
});
export const retired = (device: Device, { spki, serial }: Certificate, why: string): NewRecord => ({
  agreement: device.agreement,
  kind: 'device.key.retire',
  outcome: 'retired',
  body: { device: device.pseudonym, spki, serial, why },
});
export const bound = (
  device: Device,
  { spki, serial }: Certificate,
  over: { readonly supersedes?: string | undefined; readonly overlapUntil?: Instant },
): NewRecord => ({
  agreement: device.agreement,
  kind: 'device.key.bind',
  outcome: 'bound',
  body: {
    device: device.pseudonym,
    spki,
    serial,
    ...(over.supersedes === undefined ? {} : { supersedes: over.supersedes }),
    ...(over.overlapUntil === undefined ? {} : { overlapUntil: over.overlapUntil }),
  },
});

export const stateRecord = (device: Device): NewRecord[] =>
  device.state === 'active'
    ? []
    : [
        {
          agreement: device.agreement,
          kind: 'device.state',
          outcome: 'active',
          body: { device: device.pseudonym, state: 'active', why: 'enrolled' },
        },
      ];
