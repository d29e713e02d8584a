import type {
  Bucket,
  Day,
  RefKind,
  RollupQuery,
  Sample,
  SampleQuery,
  StoredSample,
  TelemetryStore,
} from '../../../duties/data/index.ts';
import { typed } from '../../db/errors.ts';
import type { SqliteWorkers } from '../../db/sqlite/store.ts';
import { GroupCommit } from '../../group-commit.ts';
import { checkQuery, checkRollupQuery, checkSample } from '../check.ts';
import { parseDay } from '../day.ts';
import { Packer, packedSize } from '../pack.ts';
import type { References } from '../references.ts';

/** Bytes that may wait for a commit (the port's 64 MiB). */
const maxWaiting = 64 * 1024 * 1024;
/** Samples worth a commit: more of them make it hardly cheaper, and the disk would idle while they are read. */
const enoughSamples = 256;
/** Buffers that came back and are used again; larger ones than this are let go. */
const keptBuffers = 2;
const keptSize = 4 * 1024 * 1024;

/** `TelemetryStore` over the day files of the two workers. */
export class SqliteTelemetry implements TelemetryStore {
  readonly #workers: SqliteWorkers;
  readonly #references: References;
  readonly #buffers: ArrayBuffer[] = [];
  readonly #group: GroupCommit<Packer, undefined>;

  constructor(workers: SqliteWorkers, references: References) {
    this.#workers = workers;
    this.#references = references;
    this.#group = new GroupCommit({
      open: () => new Packer(this.#buffers.pop()),
      commit: (packer) => this.#commit(packer),
      enough: enoughSamples,
      maxWaiting,
    });
  }

  append(samples: readonly Sample[]): Promise<void> {
    let size = 0;
    try {
      for (const sample of samples) {
        checkSample(sample);
        size += packedSize(sample);
      }
    } catch (error) {
      return Promise.reject(error);
    }
    if (samples.length === 0) return Promise.resolve();
    return this.#group.add(size, (packer) => {
      for (const sample of samples) packer.add(sample);
    });
  }

  ref(kind: RefKind, scope: string, name: string): Promise<number> {
    return this.#references.get(kind, scope, name);
  }

  range(query: SampleQuery): Promise<readonly StoredSample[]> {
    return typed(async () => {
      checkQuery(query);
      return (await this.#workers.reader.call('range', query)).samples;
    });
  }

  rollups(query: RollupQuery): Promise<readonly Bucket[]> {
    return typed(async () => {
      checkRollupQuery(query);
      return (await this.#workers.reader.call('rollups', query)).buckets;
    });
  }

  latest(device: number): Promise<readonly StoredSample[]> {
    return typed(async () => (await this.#workers.reader.call('latest', { device })).samples);
  }

  count(): Promise<number> {
    return typed(async () => (await this.#workers.reader.call('count', {})).rows);
  }

  days(): Promise<readonly Day[]> {
    return typed(async () => (await this.#workers.reader.call('days', {})).days);
  }

  deleteDay(day: Day): Promise<void> {
    return typed(async () => {
      parseDay(day);
      await this.#workers.reader.call('forgetDay', { day });
      await this.#workers.writer.call('removeDay', { day });
      // A read in between may have opened the file that is gone now.
      await this.#workers.reader.call('forgetDay', { day });
    });
  }

  async catchUp(): Promise<void> {
    await typed(() => this.#workers.writer.call('catchUp', {}));
  }

  /** Stores what waits. */
  close(): Promise<void> {
    return this.#group.close();
  }

  async #commit(packer: Packer): Promise<undefined> {
    const batch = packer.finish();
    const { transfer } = await typed(() => this.#workers.writer.call('telemetry', batch, [batch.buffer]));
    if (this.#buffers.length < keptBuffers && transfer.byteLength <= keptSize) this.#buffers.push(transfer);
    return undefined;
  }
}
