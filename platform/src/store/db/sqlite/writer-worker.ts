import { workerData } from 'node:worker_threads';
import { Background } from '../../telemetry/sqlite/background.ts';
import { DayWriter } from '../../telemetry/sqlite/writer.ts';
import { openWriter } from './connection.ts';
import { appendEntries, enqueue } from './ledger-bulk.ts';
import type { WriterData, WriterOperations } from './operations.ts';
import { serve } from './serve.ts';

// Sound: only `db/sqlite/store.ts` starts this module, with this type.
const { file, telemetryDir } = workerData as WriterData;
const main = openWriter(file);
const days = new DayWriter(telemetryDir);
const background = new Background(days);

serve<WriterOperations>(
  {
    query: (query) => {
      // After some errors (disk full) SQLite has rolled back by itself.
      if (query.sql === 'rollback' && !main.db.isTransaction) return { rows: [] };
      return main.run(query);
    },
    enqueue: ({ rows }) => ({ seqs: enqueue(main, rows) }),
    appendEntries: (append) => ({ result: appendEntries(main, append) }),
    truncateWal: () => {
      const row = main.db.prepare('pragma wal_checkpoint(truncate)').get();
      return { truncated: row?.['busy'] === 0 };
    },
    telemetry: (batch) => {
      days.append(batch);
      setImmediate(() => background.onAppend());
      return { transfer: batch.buffer };
    },
    removeDay: ({ day }) => {
      days.remove(day);
      return {};
    },
    catchUp: async () => {
      await background.catchUp();
      return {};
    },
  },
  () => {
    background.stop();
    days.close();
    main.close();
  },
);
