import type { TableChannel } from '../duties/access/index.ts';
import type { CompiledChannel, CompiledManifest, ModelCounter } from '../duties/data/index.ts';

/** A declared channel, ready for the hot path: with the store's numbers of the channel and of its numeric fields. */
export interface ChannelRoute {
  readonly channel: CompiledChannel;
  readonly ref: number;
  /** Numbers of `channel.numeric`, in their order. */
  readonly fields: readonly number[];
}

/** What sessions of one model share: everything here is replaced as a whole when the manifest changes. */
export interface ModelRuntime {
  readonly agreement: string;
  readonly party: string;
  readonly model: string;
  /** Absent: no manifest in force. */
  readonly manifest?: CompiledManifest;
  readonly channels: readonly TableChannel[] | undefined;
  readonly routes: ReadonlyMap<string, ChannelRoute>;
  readonly counter: ModelCounter;
  /** Firmware versions the signed file names. */
  readonly versions: ReadonlySet<string>;
}
