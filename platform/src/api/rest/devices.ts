import { Problem, problemRow, type Role } from '@pactgate/protocol';
import type { PolicySet } from '../../duties/access/index.ts';
import type { Certificate, Device, IdentityRegistry, IdentityStore } from '../../duties/identity/index.ts';
import type { LiveSession } from '../../flow/device-session.ts';
import type { ModelRuntime } from '../../flow/model-runtime.ts';
import type { OrderStore, RefusalRow, SessionRow, SessionStore, VersionStore } from '../../flow/ports.ts';
import type { Readout } from '../../flow/readout.ts';
import type { Registration } from '../../flow/register.ts';
import { type Clock, days, type Instant } from '../../kernel/time.ts';
import type { Handlers } from '../context.ts';
import { exampleOf } from './example.ts';
import { connectionSheet, type SheetFacts } from './sheet.ts';

export interface DeviceRestParts<Tx> {
  readonly identity: IdentityStore<Tx>;
  readonly registry: IdentityRegistry;
  readonly registration: Registration;
  readonly sessions: SessionStore<Tx>;
  readonly versions: VersionStore<Tx>;
  readonly orders: OrderStore<Tx>;
  readonly readout: Readout;
  readonly runtimeOf: (agreement: string, model: string) => ModelRuntime;
  readonly live: (agreement: string, device: string) => readonly LiveSession[];
  readonly liveSessions: () => Iterable<LiveSession>;
  readonly policies: () => PolicySet;
  readonly partyOf: (agreement: string) => Device['party'];
  readonly sheet: SheetFacts;
  readonly clock: Clock;
}

type Names = 'devices' | 'registerDevices' | 'newCode' | 'device' | 'sessions' | 'refusals' | 'sheet';
type Summary = Awaited<ReturnType<Handlers['device']>>['summary'];

/** A registered device; `device/unknown` otherwise. */
export function demandDeviceOf(registry: IdentityRegistry, agreement: string, id: string): Device {
  const device = registry.device(agreement, id);
  if (!device) throw new Problem('device/unknown', `no device ${id}`);
  return device;
}

interface Facts {
  readonly online: boolean;
  readonly refusals: number;
  readonly version?: { readonly version: string; readonly known: boolean };
  readonly certificateUntil?: number;
}

const toSummary = (device: Device, facts: Facts): Summary => ({
  id: device.id,
  pseudonym: device.pseudonym,
  model: device.model,
  state: device.state,
  level: device.level,
  online: facts.online,
  ...(device.lastSeen === undefined ? {} : { lastSeen: device.lastSeen }),
  ...(facts.version ? { version: facts.version.version, versionKnown: facts.version.known } : {}),
  ...(facts.certificateUntil === undefined ? {} : { certificateUntil: facts.certificateUntil }),
  refusals24h: facts.refusals,
  watched: device.level > 0 || device.clone !== 'none',
});

const live = (certificates: readonly Certificate[]): Certificate | undefined =>
  certificates.find(({ state }) => state === 'live' || state === 'candidate');

/** Devices over REST: registry, page, sessions, refusals with their reasons, connection sheet. */
export function deviceHandlers<Tx>(parts: DeviceRestParts<Tx>): Pick<Handlers, Names> {
  const demand = (agreement: string, id: string): Device => demandDeviceOf(parts.registry, agreement, id);
  return {
    devices: (_, { params, query }) => list(parts, params.agreement, query),
    registerDevices: async (_, { params, body }) => {
      const owner = { agreement: params.agreement, party: parts.partyOf(params.agreement) };
      return { devices: [...(await parts.registration.registerDevices(owner, body.devices))] };
    },
    newCode: async (_, { params }) => parts.registration.newCode(demand(params.agreement, params.device)),
    device: async ({ caller }, { params }) => page(parts, demand(params.agreement, params.device), caller.role),
    sessions: async (_, { params, query }) => {
      demand(params.agreement, params.device);
      const found = await parts.sessions.sessions(params, { limit: query.limit ?? 50, ...cursor(query) });
      return { items: found.items.map(toSession), ...(found.next === undefined ? {} : { next: found.next }) };
    },
    refusals: async (_, { params, query }) => {
      demand(params.agreement, params.device);
      const found = await parts.sessions.refusals(params, { limit: query.limit ?? 50, ...cursor(query) });
      const set = parts.policies();
      return {
        items: found.items.map((row) => toRefusal(row, set)),
        ...(found.next === undefined ? {} : { next: found.next }),
      };
    },
    sheet: async (_, { params }) => {
      const device = demand(params.agreement, params.device);
      const runtime = parts.runtimeOf(device.agreement, device.model);
      const channels = [...runtime.routes].map(([name, { channel }]) => ({ name, example: exampleOf(channel) }));
      return connectionSheet(parts.sheet, device, channels);
    },
  };
}

const cursor = ({ after }: { readonly after?: string }): { readonly after?: string } =>
  after === undefined ? {} : { after };

async function list<Tx>(
  parts: DeviceRestParts<Tx>,
  agreement: string,
  query: {
    readonly limit?: number;
    readonly after?: string;
    readonly model?: string;
    readonly state?: Device['state'];
    readonly search?: string;
  },
): Promise<Awaited<ReturnType<Handlers['devices']>>> {
  const limit = query.limit ?? 50;
  const { model, state, search } = query;
  const found = await parts.identity.devices(agreement, {
    limit: limit + 1,
    ...cursor(query),
    ...(model === undefined ? {} : { model }),
    ...(state === undefined ? {} : { state }),
    ...(search === undefined ? {} : { search }),
  });
  const items = found.slice(0, limit);
  const day = (parts.clock.now() - days(1)) as Instant;
  const [versions, refusals, total] = await Promise.all([
    parts.versions.newest(agreement),
    parts.sessions.refusalCounts(agreement, day),
    parts.identity.countDevices(agreement),
  ]);
  const online = new Set(
    [...parts.liveSessions()].filter((one) => one.agreement === agreement).map(({ device }) => device),
  );
  const ends = certificateEnds(parts.registry, agreement);
  const last = items.at(-1);
  return {
    items: items.map((device) => {
      const version = versions.get(device.id);
      const until = ends.get(device.id);
      return toSummary(device, {
        online: online.has(device.id),
        refusals: refusals.get(device.id) ?? 0,
        ...(version ? { version } : {}),
        ...(until === undefined ? {} : { certificateUntil: until }),
      });
    }),
    total,
    online: online.size,
    ...(found.length > limit && last ? { next: last.id } : {}),
  };
}

function certificateEnds(registry: IdentityRegistry, agreement: string): ReadonlyMap<string, number> {
  const ends = new Map<string, number>();
  for (const { agreement: of, device, state, notAfter } of registry.certificates())
    if (of === agreement && state === 'live') ends.set(device, Math.max(notAfter, ends.get(device) ?? 0));
  return ends;
}

type DevicePage = Awaited<ReturnType<Handlers['device']>>;

async function page<Tx>(parts: DeviceRestParts<Tx>, device: Device, role: Role): Promise<DevicePage> {
  const ref = { agreement: device.agreement, device: device.id };
  const day = (parts.clock.now() - days(1)) as Instant;
  const [stored, certificates, versions, order, refusals] = await Promise.all([
    // When it was heard last is in the store alone.
    parts.identity.device(device.agreement, device.id),
    parts.identity.certificatesOf(device.agreement, device.id),
    parts.versions.history(ref, 20),
    parts.orders.current(ref),
    parts.sessions.refusalCounts(device.agreement, day),
  ]);
  const [newest] = versions;
  const current = live(certificates);
  return {
    summary: toSummary(stored ?? device, {
      online: parts.live(device.agreement, device.id).length > 0,
      refusals: refusals.get(device.id) ?? 0,
      ...(newest ? { version: newest } : {}),
      ...(current ? { certificateUntil: current.notAfter } : {}),
    }),
    certificates: certificates.flatMap((one) => toCertificate(one, parts.clock.now())),
    versions: versions.map(({ at, version, known }) => ({ at, version, known })),
    ...(order ? { isolation: toOrder(order) } : {}),
    channels: channelsOf(parts, device, role),
  };
}

const toOrder = ({
  id,
  level,
  reason,
  by,
  at,
  until,
}: NonNullable<Awaited<ReturnType<OrderStore<unknown>['current']>>>): NonNullable<DevicePage['isolation']> => ({
  order: id,
  level,
  reason,
  by,
  from: at,
  ...(until === undefined ? {} : { until }),
});

function toCertificate(
  { serial, spki, notBefore, notAfter, state }: Certificate,
  now: number,
): DevicePage['certificates'] {
  if (state === 'issuing' || state === 'void') return [];
  const shown = state === 'live' && now >= notAfter ? 'expired' : state;
  return [{ serial, spki, notBefore, notAfter, state: shown }];
}

function channelsOf<Tx>(parts: DeviceRestParts<Tx>, device: Device, role: Role): DevicePage['channels'] {
  const { agreement, model } = device;
  const { routes } = parts.runtimeOf(agreement, model);
  return [...routes.keys()].map((channel) => ({
    channel,
    fields: parts.readout
      .view({ agreement, model, role, channel })
      .columns.map(({ path, type, class: kind, unit, visible }) => ({
        path,
        type,
        class: kind,
        visible,
        ...(unit === undefined ? {} : { unit }),
      })),
  }));
}

const toSession = (row: SessionRow): Awaited<ReturnType<Handlers['sessions']>>['items'][number] => {
  const { agreement: _agreement, device: _device, ...shown } = row;
  return shown;
};

/** A refusal in both languages: the cause of the policies that decided, else what the code means. */
function toRefusal(row: RefusalRow, set: PolicySet): Awaited<ReturnType<Handlers['refusals']>>['items'][number] {
  const { title, next } = problemRow(row.code);
  const causes = row.policies.flatMap((id) => set.policies.find((policy) => policy.id === id)?.cause ?? []);
  const cause =
    causes.length === 0 ? title : { zh: causes.map(({ zh }) => zh).join(''), en: causes.map(({ en }) => en).join(' ') };
  return {
    at: row.last,
    code: row.code,
    title: { ...title },
    next: { ...next },
    cause: { ...cause },
    action: row.action,
    resource: row.resource,
    policies: [...row.policies],
    count: row.count,
  };
}
