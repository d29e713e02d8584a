import { type GeneralJws, type JsonValue, parseJws } from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import type { IdentityRegistry } from '../../duties/identity/index.ts';
import type { Models } from '../../flow/model.ts';
import type { Policies } from '../../flow/policy.ts';
import type { ModelRow, ModelStore } from '../../flow/ports.ts';
import type { Handlers } from '../context.ts';

export interface ModelRestParts<Tx> {
  readonly flow: Models;
  readonly store: ModelStore<Tx>;
  readonly policies: Policies;
  readonly registry: IdentityRegistry;
  readonly partyOf: (agreement: string) => string;
  readonly inForce: (agreement: string) => boolean;
}

type Names = 'models' | 'model' | 'putModel' | 'activateModel' | 'policy' | 'publishPolicy';
type Summary = Awaited<ReturnType<Handlers['putModel']>>;

interface FileFacts {
  readonly version: number;
  readonly supportEnd: string;
}

function toSummary<Tx>(parts: ModelRestParts<Tx>, row: ModelRow): Summary {
  const file = row.file === undefined ? undefined : (JSON.parse(row.file) as FileFacts); // checked when it was put
  const manifest = row.manifest === undefined ? undefined : (JSON.parse(row.manifest) as { version: number });
  let devices = 0;
  for (const device of parts.registry.devices())
    if (device.agreement === row.agreement && device.model === row.model) devices++;
  return {
    model: row.model,
    state: row.state,
    devices,
    countersigned: row.countersignedAt !== undefined,
    missing: [...row.missing],
    ...(file ? { fileVersion: file.version } : {}),
    ...(manifest ? { manifestVersion: manifest.version } : {}),
    // The last day of support, as it was declared; checked when the file was put.
    ...(file ? { supportEnd: Date.parse(`${file.supportEnd}T00:00:00Z`) } : {}),
  };
}

const jwsOf = (value: unknown): GeneralJws => parseJws(value as JsonValue); // JSON by its parser, read strictly here
const objectOf = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>; // stored by us

/** Device models and the access policy over REST. */
export function modelHandlers<Tx>(parts: ModelRestParts<Tx>): Pick<Handlers, Names> {
  const owner = (params: {
    readonly agreement: string;
    readonly model: string;
  }): { agreement: string; party: string; model: string } => {
    if (!parts.inForce(params.agreement)) throw new Problem('agreement/not-in-force', 'both parties must sign first');
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(params.model))
      throw new Problem('request/invalid', 'a model name is 1 to 64 of A-Z a-z 0-9 _ -');
    return { agreement: params.agreement, party: parts.partyOf(params.agreement), model: params.model };
  };
  return {
    models: async (_, { params }) => {
      const rows = await parts.store.models(params.agreement);
      return { items: rows.map((row) => toSummary(parts, row)) };
    },
    model: async (_, { params }) => {
      const row = await parts.store.model(params.agreement, params.model);
      if (!row) throw new Problem('request/not-found', 'no such model');
      return {
        summary: toSummary(parts, row),
        ...(row.file === undefined ? {} : { file: objectOf(row.file) }),
        ...(row.manifest === undefined ? {} : { manifest: objectOf(row.manifest) }),
        ...(row.manifestDigest === undefined ? {} : { manifestDigest: row.manifestDigest }),
        ...(row.sbom
          ? { sbom: { format: row.sbom.format, components: row.sbom.components, digest: row.sbom.digest } }
          : {}),
      };
    },
    putModel: async (_, { params, body }) => {
      const row = await parts.flow.put(owner(params), {
        ...(body.file === undefined ? {} : { file: jwsOf(body.file) }),
        ...(body.manifest === undefined ? {} : { manifest: jwsOf(body.manifest) }),
        ...(body.sbom === undefined ? {} : { sbom: body.sbom as JsonValue }),
      });
      return toSummary(parts, row);
    },
    activateModel: async ({ caller }, { params, body }) =>
      toSummary(parts, await parts.flow.activate(owner(params), body.manifestDigest, caller.id)),
    policy: () => {
      const set = parts.policies.current();
      const { publishedAt } = parts.policies.version();
      return {
        digest: set.digest,
        version: set.version,
        publishedAt,
        schema: set.schema,
        policies: set.policies.map(({ id, text }) => ({ id, text })),
      };
    },
    publishPolicy: async ({ caller }, { body }) => {
      const { version, redecided } = await parts.policies.publish(body.policies, caller.id);
      return { digest: version.digest, version: version.version, redecided };
    },
  };
}
