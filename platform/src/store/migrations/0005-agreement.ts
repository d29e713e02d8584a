import { execute, type Migration } from '../db/migrate.ts';

/** Parties, agreements, models, policy. */
export const agreement: Migration = {
  id: '0005-agreement',
  // oxlint-disable-next-line max-lines-per-function -- a list of statements reads better whole
  up: (db, { int, end }) =>
    execute(db, [
      `create table party (
        id text not null,
        particulars text not null,
        created ${int} not null,
        primary key (id)
      ) ${end}`,
      `create table party_key (
        thumbprint text not null,
        party text not null,
        use text not null,
        key text not null,
        created ${int} not null,
        ended ${int},
        primary key (thumbprint),
        check (use in ('sign', 'witness'))
      ) ${end}`,
      `create table agreement (
        id text not null,
        party text not null,
        state text not null,
        edition text not null,
        params text not null,
        drafted ${int} not null,
        document text,
        digest text,
        jws text,
        in_force ${int},
        log text not null,
        primary key (id),
        unique (party),
        check (state in ('draft', 'offered', 'signed-by-one', 'in-force', 'suspended', 'ended'))
      ) ${end}`,
      `create table model (
        agreement text not null,
        model text not null,
        state text not null,
        file text,
        file_jws text,
        file_at ${int},
        manifest text,
        manifest_jws text,
        manifest_digest text,
        countersigned_by text,
        countersigned ${int},
        sbom text,
        sbom_format text,
        sbom_digest text,
        sbom_components ${int},
        missing text not null,
        changed ${int} not null,
        primary key (agreement, model),
        check (state in ('draft', 'signed', 'active'))
      ) ${end}`,
      `create table policy_version (
        version ${int} not null,
        digest text not null,
        policies text not null,
        published ${int} not null,
        by text not null,
        primary key (version)
      ) ${end}`,
    ]),
};
