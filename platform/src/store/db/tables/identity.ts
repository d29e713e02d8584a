import type { Tables, TablesOf } from '../columns.ts';

/** Devices, their codes, keys and certificates, the CAs and their revocation lists. */
export const identityTables = {
  device: {
    agreement: 'text',
    id: 'text',
    party: 'text',
    pseudonym: 'text',
    model: 'text',
    state: 'text',
    level: 'int',
    created: 'int',
    last_seen: 'int?',
    last_address: 'text?',
    clone: 'text',
    clone_until: 'int?',
  },
  /** `hash` = SHA-256 of the code, hex. */
  enrolment_code: {
    hash: 'text',
    agreement: 'text',
    party: 'text',
    device: 'text',
    created: 'int',
    expires: 'int',
    used: 'int?',
    used_for: 'text?',
  },
  /** A key is bound to one device for ever. */
  key_binding: {
    spki: 'text',
    agreement: 'text',
    device: 'text',
    bound: 'int',
    retired: 'int?',
    blocked: 'int',
  },
  /** `issuer` = key id of the CA; `der` and `fingerprint` are there once it is signed. */
  certificate: {
    serial: 'text',
    spki: 'text',
    fingerprint: 'text?',
    agreement: 'text',
    party: 'text',
    device: 'text',
    issuer: 'text',
    state: 'text',
    not_before: 'int',
    not_after: 'int',
    created: 'int',
    previous: 'text?',
    overlap_until: 'int?',
    revoked: 'int?',
    der: 'bytes?',
  },
  ca: {
    id: 'text',
    kind: 'text',
    party: 'text?',
    key_id: 'text',
    key_name: 'text',
    der: 'bytes',
    not_after: 'int',
    created: 'int',
  },
  /** The newest list of each CA. */
  crl: { ca: 'text', number: 'int', der: 'bytes', entries: 'int', this_update: 'int', next_update: 'int' },
} as const satisfies Tables;
export type IdentityTables = TablesOf<typeof identityTables>;
