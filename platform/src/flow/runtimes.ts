import type { DataManifest, ModelFile } from '@pactgate/protocol';
import {
  type CompiledManifest,
  compileManifest,
  type Keyring,
  type MessageCounters,
  type TelemetryStore,
} from '../duties/data/index.ts';
import type { Clock } from '../kernel/time.ts';
import type { ChannelRoute, ModelRuntime } from './model-runtime.ts';
import type { ModelRow } from './ports.ts';

export interface RuntimeParts {
  readonly telemetry: TelemetryStore;
  readonly counters: MessageCounters;
  readonly clock: Clock;
  /** The keys of an agreement, opened when needed. */
  readonly keyring: (agreement: string) => Promise<Keyring>;
  readonly partyOf: (agreement: string) => string;
}

/** What the hot path needs of every active model; replaced as a whole when a model's files change. */
export interface Runtimes {
  /** Takes a model in: compiled, numbered, its data keys made. A model that is not active has no channels. */
  load(model: ModelRow): Promise<void>;
  /** The runtime of a model; one without channels where it was never loaded (default deny). */
  of(agreement: string, model: string): ModelRuntime;
  /** Makes data keys that are about to end anew; call it hourly. */
  prepareKeys(): Promise<void>;
}

const keyOf = (agreement: string, model: string): string => `${agreement}/${model}`;

export function makeRuntimes(parts: RuntimeParts): Runtimes {
  const known = new Map<string, ModelRuntime>();
  const empty = (agreement: string, model: string, versions: ReadonlySet<string>): ModelRuntime => ({
    agreement,
    party: parts.partyOf(agreement),
    model,
    channels: undefined,
    routes: new Map(),
    counter: parts.counters.of(agreement, model),
    versions,
  });
  const prepare = async (manifest: CompiledManifest): Promise<void> => {
    for (const { seal } of manifest.channels.values()) {
      if (!seal) continue;
      const ring = await parts.keyring(manifest.agreement);
      await ring.prepare(seal, parts.clock.now());
    }
  };
  return {
    load: async (row) => {
      const { agreement, model } = row;
      const bare = empty(agreement, model, versionsOf(row));
      if (row.state !== 'active' || row.manifest === undefined) {
        known.set(keyOf(agreement, model), bare);
        return;
      }
      // Checked when it was put, countersigned before it became active.
      const manifest = compileManifest(JSON.parse(row.manifest) as DataManifest);
      await prepare(manifest);
      const routes = await routesOf(parts.telemetry, manifest);
      const channels = [...manifest.channels.values()].map(({ name, grade }) => ({ name, grade }));
      known.set(keyOf(agreement, model), { ...bare, manifest, channels, routes });
    },
    of: (agreement, model) => {
      const runtime = known.get(keyOf(agreement, model));
      if (runtime) return runtime;
      const made = empty(agreement, model, new Set());
      known.set(keyOf(agreement, model), made);
      return made;
    },
    prepareKeys: async () => {
      for (const { manifest } of known.values()) if (manifest) await prepare(manifest);
    },
  };
}

function versionsOf({ file }: ModelRow): ReadonlySet<string> {
  if (file === undefined) return new Set();
  const { firmware } = JSON.parse(file) as ModelFile; // checked when it was put
  return new Set(firmware.map(({ version }) => version));
}

async function routesOf(
  telemetry: TelemetryStore,
  manifest: CompiledManifest,
): Promise<ReadonlyMap<string, ChannelRoute>> {
  const scope = keyOf(manifest.agreement, manifest.model);
  const routes = new Map<string, ChannelRoute>();
  for (const channel of manifest.channels.values()) {
    const ref = await telemetry.ref('channel', scope, channel.name);
    const fields: number[] = [];
    for (const { path } of channel.numeric) fields.push(await telemetry.ref('field', scope, `${channel.name}${path}`));
    routes.set(channel.name, { channel, ref, fields });
  }
  return routes;
}
