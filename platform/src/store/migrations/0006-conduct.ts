import { execute, type Migration } from '../db/migrate.ts';

/** Sessions, refusals, versions, reports, commands, incidents, isolation orders. */
export const conduct: Migration = {
  id: '0006-conduct',
  // oxlint-disable-next-line max-lines-per-function -- a list of statements reads better whole
  up: (db, { int, serial, end }) =>
    execute(db, [
      `create table device_session (
        conn text not null,
        agreement text not null,
        device text not null,
        client_id text not null,
        opened ${int} not null,
        closed ${int},
        reason text,
        transport text not null,
        tls text not null,
        suite text not null,
        tls_group text,
        resumed ${int} not null,
        address text not null,
        received ${int} not null,
        sent ${int} not null,
        primary key (conn)
      ) ${end}`,
      'create index device_session_device on device_session (agreement, device, opened)',
      `create table refusal (
        id ${serial},
        agreement text not null,
        device text not null,
        code text not null,
        action text not null,
        resource text not null,
        policies text not null,
        hour ${int} not null,
        first ${int} not null,
        last ${int} not null,
        count ${int} not null,
        unique (agreement, device, code, resource, hour)
      ) ${end}`,
      'create index refusal_device on refusal (agreement, device, last)',
      `create table reported_state (
        agreement text not null,
        device text not null,
        at ${int} not null,
        state text not null,
        primary key (agreement, device)
      ) ${end}`,
      `create table version_report (
        agreement text not null,
        device text not null,
        at ${int} not null,
        version text not null,
        known ${int} not null,
        primary key (agreement, device, at)
      ) ${end}`,
      `create table device_report (
        agreement text not null,
        device text not null,
        report text not null,
        seq ${int} not null,
        boot ${int} not null,
        digest text not null,
        received ${int} not null,
        primary key (agreement, device, report),
        unique (agreement, device, seq)
      ) ${end}`,
      `create table device_sequence (
        agreement text not null,
        device text not null,
        boot ${int} not null,
        seq ${int} not null,
        gaps text not null,
        primary key (agreement, device)
      ) ${end}`,
      `create table command (
        id text not null,
        agreement text not null,
        device text not null,
        name text not null,
        payload text not null,
        state text not null,
        created ${int} not null,
        deadline ${int} not null,
        delivered ${int},
        finished ${int},
        result text,
        by text not null,
        primary key (id),
        check (state in ('waiting', 'delivered', 'accepted', 'done', 'failed', 'expired'))
      ) ${end}`,
      'create index command_device on command (agreement, device, created)',
      'create index command_state on command (state, deadline)',
      `create table incident (
        id text not null,
        agreement text not null,
        device text,
        type text not null,
        severity text not null,
        state text not null,
        opened ${int} not null,
        confirmed ${int},
        contained ${int},
        closed ${int},
        reports ${int} not null,
        summary text not null,
        primary key (id),
        check (state in ('reported', 'confirmed', 'contained', 'closed'))
      ) ${end}`,
      'create index incident_agreement on incident (agreement, opened)',
      `create table incident_event (
        id ${serial},
        incident text not null,
        at ${int} not null,
        kind text not null,
        zh text not null,
        en text not null
      ) ${end}`,
      'create index incident_event_incident on incident_event (incident, id)',
      `create table isolation_order (
        id text not null,
        agreement text not null,
        device text not null,
        level ${int} not null,
        previous ${int} not null,
        reason text not null,
        by text not null,
        at ${int} not null,
        until ${int},
        ended ${int},
        primary key (id),
        check (level between 0 and 5)
      ) ${end}`,
      'create index isolation_order_device on isolation_order (agreement, device, at)',
    ]),
};
