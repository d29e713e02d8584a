import {
  CommandResult,
  EmptyMessage,
  maxControlOctets,
  PortsMessage,
  Problem,
  type ProblemCode,
  SecurityReport,
  SelftestMessage,
  StateMessage,
  VersionMessage,
} from '@pactgate/protocol';
import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import type { Transact } from '../kernel/transact.ts';
import type { NewRecord } from '../parties/record.ts';
import type { Commands } from './command.ts';
import type { LiveSession } from './device-session.ts';
import type { StateStore, VersionStore } from './ports.ts';
import type { Recorder } from './recorder.ts';
import type { ControlMessage, ControlRefusal } from './uplink.ts';

export interface ControlParts<Tx> {
  readonly versions: VersionStore<Tx>;
  readonly states: StateStore<Tx>;
  readonly commands: Commands;
  readonly recorder: Recorder<Tx>;
  readonly transact: Transact<Tx>;
  /** Takes a device's security report: stores, records, opens an incident where it must. */
  readonly report: (message: ControlMessage, report: SecurityReport) => Promise<void>;
}

type Handler<Tx> = (parts: ControlParts<Tx>, message: ControlMessage) => Promise<void>;
type Kind = ControlMessage['kind'];

/** One control message read by its closed schema; `message/invalid` names the first wrong member, never its value. */
function reader<S extends TSchema>(schema: S, code: ProblemCode): (text: string) => Static<S> {
  let validator: Validator | undefined;
  return (text) => {
    validator ??= Compile(schema);
    if (new TextEncoder().encode(text).length > maxControlOctets)
      throw new Problem('data/too-large', `a control message has at most ${maxControlOctets} octets`);
    let value: unknown;
    try {
      value = text === '' ? {} : JSON.parse(text);
    } catch (cause) {
      throw new Problem(code, 'not JSON', { cause });
    }
    if (validator.Check(value)) return value as Static<S>; // just checked
    const [fault] = validator.Errors(value);
    throw new Problem(code, `${fault?.instancePath || 'message'} ${fault?.message ?? 'is not of its shape'}`);
  };
}

const read = {
  version: reader(VersionMessage, 'message/invalid'),
  ports: reader(PortsMessage, 'message/invalid'),
  selftest: reader(SelftestMessage, 'message/invalid'),
  state: reader(StateMessage, 'message/invalid'),
  empty: reader(EmptyMessage, 'message/invalid'),
  result: reader(CommandResult, 'message/invalid'),
  report: reader(SecurityReport, 'event/invalid'),
};

const refOf = ({ agreement, device }: LiveSession): { readonly agreement: string; readonly device: string } => ({
  agreement,
  device,
});

/** A statement of a device that is a record and nothing else. */
const statement = <Tx>({ recorder }: ControlParts<Tx>, record: NewRecord): Promise<void> => recorder.record([record]);

async function version<Tx>(parts: ControlParts<Tx>, { session, text, receivedAt }: ControlMessage): Promise<void> {
  const { firmware, sbom } = read.version(text);
  const known = session.runtime.versions.has(firmware);
  const { agreement, pseudonym, model } = session;
  await parts.transact(async (tx) => {
    await parts.versions.put(tx, { ...refOf(session), at: receivedAt, version: firmware, known });
    await parts.recorder.recordIn(tx, [
      {
        agreement,
        kind: 'version.report',
        outcome: known ? 'known' : 'unknown',
        body: { device: pseudonym, model, version: firmware, known, ...(sbom === undefined ? {} : { sbom }) },
      },
    ]);
  });
}

async function state<Tx>(parts: ControlParts<Tx>, { session, text, receivedAt }: ControlMessage): Promise<void> {
  const reported = read.state(text);
  await parts.transact((tx) =>
    parts.states.put(tx, { ...refOf(session), at: receivedAt, state: JSON.stringify(reported) }),
  );
}

const handlers: { readonly [K in Kind]: Handler<unknown> } = {
  version: (parts, message) => version(parts, message),
  state: (parts, message) => state(parts, message),
  ports: (parts, { session, text }) => {
    const { ports } = read.ports(text);
    const { agreement, pseudonym } = session;
    return statement(parts, {
      agreement,
      kind: 'device.ports.report',
      outcome: 'reported',
      body: { device: pseudonym, ports },
    });
  },
  selftest: (parts, { session, text }) => {
    const { detectors, passed } = read.selftest(text);
    const { agreement, pseudonym } = session;
    const outcome = passed ? 'passed' : 'failed';
    return statement(parts, {
      agreement,
      kind: 'incident.selftest',
      outcome,
      body: { device: pseudonym, detectors, passed },
    });
  },
  event: async (parts, message) => {
    const report = read.report(message.text);
    if (report.severity !== message.name)
      throw new Problem('event/invalid', 'severity differs from the word in the topic');
    await parts.report(message, report);
  },
  'command-accepted': async (parts, { session, name, text }) => {
    read.empty(text);
    await parts.commands.answered(refOf(session), name, 'accepted');
  },
  'command-result': async (parts, { session, name, text }) => {
    const { outcome, result } = read.result(text);
    await parts.commands.answered(refOf(session), name, { outcome, result: JSON.stringify(result ?? {}) });
  },
  'notice-ack': async (_, { text }) => {
    read.empty(text);
  },
};

/** Handles control messages of devices (clauses 2.3, 2.5, 2.6, 3.6): durable when it resolves without a refusal. */
export function makeControl<Tx>(
  parts: ControlParts<Tx>,
): (message: ControlMessage) => Promise<ControlRefusal | undefined> {
  return async (message) => {
    try {
      // The handlers take any transaction type: they only hand it through.
      await (handlers[message.kind] as Handler<Tx>)(parts, message);
      return undefined;
    } catch (error) {
      if (error instanceof Problem) return { code: error.code, detail: error.detail };
      throw error;
    }
  };
}
