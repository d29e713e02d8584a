import { backup } from 'node:sqlite';
import { workerData } from 'node:worker_threads';
import { DayReader } from '../../telemetry/sqlite/reader.ts';
import { openReader } from './connection.ts';
import type { ReaderData, ReaderOperations } from './operations.ts';
import { serve } from './serve.ts';

// Sound: only `db/sqlite/store.ts` starts this module, with this type.
const { file, telemetryDir } = workerData as ReaderData;
const main = openReader(file);
const days = new DayReader(telemetryDir);

/** Pages a step of the backup copies: more than a file has. */
const allPages = 0x7fff_ffff;

serve<ReaderOperations>(
  {
    query: (query) => main.run(query),
    range: (query) => ({ samples: days.range(query) }),
    rollups: (query) => ({ buckets: days.rollups(query) }),
    latest: ({ device }) => ({ samples: days.latest(device) }),
    count: () => ({ rows: days.count() }),
    days: () => ({ days: days.days() }),
    forgetDay: ({ day }) => {
      days.forget(day);
      return {};
    },
    // On a connection of its own and off this thread; all pages in one step, or writers would make it start again.
    backup: async ({ source, target }) => {
      const from = openReader(source);
      try {
        await backup(from.db, target, { rate: allPages });
      } finally {
        from.close();
      }
      return {};
    },
  },
  () => {
    days.close();
    main.close();
  },
);
