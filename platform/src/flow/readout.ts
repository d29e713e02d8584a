import { Problem, type Role } from '@pactgate/protocol';
import {
  type Bucket,
  bodyVersion,
  type ChannelView,
  type ExportRow,
  type Keyring,
  openSealed,
  type RollupStep,
  type SealCrypto,
  type StoredSample,
  samplePlace,
  type TelemetryStore,
  viewFor,
} from '../duties/data/index.ts';
import type { Instant } from '../kernel/time.ts';
import type { ModelRuntime } from './model-runtime.ts';

export interface ReadoutParts {
  readonly telemetry: TelemetryStore;
  readonly keyring: (agreement: string) => Keyring | undefined;
  readonly sealCrypto: SealCrypto;
  readonly runtimeOf: (agreement: string, model: string) => ModelRuntime;
}

/** A device's data as one role may see it. */
export interface ReadRequest {
  readonly agreement: string;
  readonly party: string;
  readonly device: string;
  readonly model: string;
  readonly role: Role;
  readonly channel: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly limit: number;
  readonly order: 'ascending' | 'descending';
}

export interface Readout {
  /** `data/channel-undeclared` for an unknown channel. */
  view(request: Pick<ReadRequest, 'agreement' | 'model' | 'role' | 'channel'>): ChannelView;
  rows(request: ReadRequest): Promise<readonly ExportRow[]>;
  /** Roll-ups of one field; `data/field-forbidden` unless the role sees it in clear. */
  series(request: ReadRequest, field: string, step: RollupStep): Promise<readonly Bucket[]>;
}

/** Reads telemetry back through the view of a role: nothing leaves unmasked that the role may not see (B2.4.4). */
export function makeReadout(parts: ReadoutParts): Readout {
  const view: Readout['view'] = ({ agreement, model, role, channel }) => {
    const { manifest } = parts.runtimeOf(agreement, model);
    const found = manifest && viewFor(role, manifest).get(channel);
    if (!found) throw new Problem('data/channel-undeclared', `no channel ${channel}`);
    return found;
  };
  const refs = async (request: ReadRequest): Promise<{ device: number; channel: number }> => {
    const route = parts.runtimeOf(request.agreement, request.model).routes.get(request.channel);
    if (!route) throw new Problem('data/channel-undeclared', `no channel ${request.channel}`);
    return { device: await parts.telemetry.ref('device', request.party, request.device), channel: route.ref };
  };
  return {
    view,
    rows: async (request) => {
      const shown = view(request);
      const { manifest } = parts.runtimeOf(request.agreement, request.model);
      const samples = await parts.telemetry.range({
        ...(await refs(request)),
        from: request.from,
        to: request.to,
        limit: request.limit,
        order: request.order,
      });
      return samples
        .filter(({ body }) => bodyVersion(body) === manifest?.version)
        .map((sample) => ({ at: sample.at, received: sample.received, values: read(parts, request, shown, sample) }));
    },
    series: async (request, field, step) => {
      const column = view(request).columns.find(({ path }) => path === field);
      if (!column?.clear)
        throw new Problem('data/field-forbidden', `role ${request.role} does not see ${field} in clear`);
      const route = parts.runtimeOf(request.agreement, request.model).routes.get(request.channel);
      const position = route?.channel.numeric.findIndex(({ path }) => path === field) ?? -1;
      const ref = route?.fields[position];
      if (ref === undefined) throw new Problem('request/invalid', `${field} is no number`);
      return parts.telemetry.rollups({
        ...(await refs(request)),
        field: ref,
        step,
        from: request.from,
        to: request.to,
      });
    },
  };
}

function read(parts: ReadoutParts, request: ReadRequest, view: ChannelView, sample: StoredSample): ExportRow['values'] {
  if (!view.needsSecret || sample.sealed === undefined) return view.read({ body: sample.body });
  const ring = parts.keyring(request.agreement);
  if (!ring) throw new Problem('data/key-unavailable', 'the keys of this agreement are not open');
  const place = samplePlace({ agreement: request.agreement, party: request.party }, sample);
  const secret = openSealed(parts.sealCrypto, (kid) => ring.find(kid), place, sample.sealed);
  return view.read({ body: sample.body, secret });
}
