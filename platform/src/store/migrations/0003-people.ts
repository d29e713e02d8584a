import { execute, type Migration } from '../db/migrate.ts';

/**
 * People, one-time links and API tokens, and the tables of the login library in its own shape (names in quotes because
 * they are camelCase): text for its times, 0 and 1 for its booleans, on both databases.
 */
export const people: Migration = {
  id: '0003-people',
  up: (db, { int, end }) => execute(db, [...own(int, end), ...login(int, end)]),
};

const own = (int: string, end: string): string[] => [
  `create table person (
    id text not null primary key,
    party text not null,
    role text not null,
    created ${int} not null
  ) ${end}`,
  'create index person_party on person (party, created)',
  `create table link (
    hash text not null primary key,
    kind text not null check (kind in ('setup', 'person', 'party', 'recovery', 'signin')),
    party text not null,
    role text not null,
    person text,
    email text,
    operator ${int} not null check (operator in (0, 1)),
    made_by text,
    created ${int} not null,
    expires ${int} not null,
    used ${int}
  ) ${end}`,
  'create index link_party on link (party, expires)',
  `create table api_token (
    id text not null primary key,
    hash text not null unique,
    name text not null,
    role text not null,
    party text not null,
    made_by text,
    created ${int} not null,
    expires ${int} not null,
    last_used ${int},
    revoked ${int}
  ) ${end}`,
  'create index api_token_party on api_token (party, created)',
];

const owner = '"userId" text not null references auth_user (id) on delete cascade';

const login = (int: string, end: string): string[] => [
  `create table auth_user (
    id text not null primary key,
    name text not null,
    email text not null unique,
    "emailVerified" ${int} not null,
    image text,
    "createdAt" text not null,
    "updatedAt" text not null,
    "twoFactorEnabled" ${int}
  ) ${end}`,
  `create table auth_session (
    id text not null primary key,
    "expiresAt" text not null,
    token text not null unique,
    "createdAt" text not null,
    "updatedAt" text not null,
    "ipAddress" text,
    "userAgent" text,
    ${owner},
    "secondFactor" ${int}
  ) ${end}`,
  'create index auth_session_user on auth_session ("userId")',
  `create table auth_account (
    id text not null primary key,
    "accountId" text not null,
    "providerId" text not null,
    ${owner},
    "accessToken" text,
    "refreshToken" text,
    "idToken" text,
    "accessTokenExpiresAt" text,
    "refreshTokenExpiresAt" text,
    scope text,
    password text,
    "createdAt" text not null,
    "updatedAt" text not null
  ) ${end}`,
  'create index auth_account_user on auth_account ("userId")',
  `create table auth_verification (
    id text not null primary key,
    identifier text not null,
    value text not null,
    "expiresAt" text not null,
    "createdAt" text not null,
    "updatedAt" text not null
  ) ${end}`,
  'create index auth_verification_identifier on auth_verification (identifier)',
  `create table auth_two_factor (
    id text not null primary key,
    secret text not null,
    "backupCodes" text not null,
    ${owner},
    verified ${int},
    "failedVerificationCount" ${int},
    "lockedUntil" text
  ) ${end}`,
  'create index auth_two_factor_user on auth_two_factor ("userId")',
];
