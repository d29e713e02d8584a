import { execute, type Migration } from '../db/migrate.ts';

/** Devices, enrolment codes, key bindings, certificates, CAs and their lists (B2.2.1-B2.2.5). */
export const identity: Migration = {
  id: '0004-identity',
  up: (db, { int, bytes, end }) => execute(db, [...devices(int, end), ...certificates(int, bytes, end)]),
};

const devices = (int: string, end: string): string[] => [
  `create table device (
    agreement text not null,
    id text not null,
    party text not null,
    pseudonym text not null unique,
    model text not null,
    state text not null check (state in ('registered', 'pending', 'active', 'suspended', 'retired')),
    level ${int} not null check (level between 0 and 5),
    created ${int} not null,
    last_seen ${int},
    last_address text,
    clone text not null check (clone in ('none', 'suspected', 'confirmed')),
    clone_until ${int},
    primary key (agreement, id)
  ) ${end}`,
  'create index device_model on device (agreement, model)',
  `create table enrolment_code (
    hash text not null primary key,
    agreement text not null,
    party text not null,
    device text not null,
    created ${int} not null,
    expires ${int} not null,
    used ${int},
    used_for text,
    foreign key (agreement, device) references device (agreement, id)
  ) ${end}`,
  'create index enrolment_code_device on enrolment_code (agreement, device)',
  `create table key_binding (
    spki text not null primary key,
    agreement text not null,
    device text not null,
    bound ${int} not null,
    retired ${int},
    blocked ${int} not null check (blocked in (0, 1)),
    foreign key (agreement, device) references device (agreement, id)
  ) ${end}`,
  'create index key_binding_device on key_binding (agreement, device)',
];

const certificates = (int: string, bytes: string, end: string): string[] => [
  `create table certificate (
    serial text not null primary key,
    spki text not null,
    fingerprint text unique,
    agreement text not null,
    party text not null,
    device text not null,
    issuer text not null,
    state text not null check (state in ('issuing', 'void', 'candidate', 'live', 'superseded', 'revoked')),
    not_before ${int} not null,
    not_after ${int} not null,
    created ${int} not null,
    previous text,
    overlap_until ${int},
    revoked ${int},
    der ${bytes},
    foreign key (agreement, device) references device (agreement, id),
    check (state in ('issuing', 'void') or fingerprint is not null)
  ) ${end}`,
  'create index certificate_device on certificate (agreement, device, created)',
  'create index certificate_end on certificate (not_after)',
  `create unique index certificate_live on certificate (agreement, device) where state = 'live'`,
  `create unique index certificate_candidate on certificate (agreement, device) where state = 'candidate'`,
  `create index certificate_revoked on certificate (issuer, not_after) where state = 'revoked'`,
  `create table ca (
    id text not null primary key,
    kind text not null check (kind in ('root', 'platform', 'device')),
    party text unique,
    key_id text not null unique,
    key_name text not null,
    der ${bytes} not null,
    not_after ${int} not null,
    created ${int} not null,
    check ((kind = 'device') = (party is not null))
  ) ${end}`,
  `create table crl (
    ca text not null primary key references ca (id),
    number ${int} not null,
    der ${bytes} not null,
    entries ${int} not null,
    this_update ${int} not null,
    next_update ${int} not null
  ) ${end}`,
];
