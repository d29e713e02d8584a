import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { implemented } from '@pactgate/proof';
import { parseScript } from './script.ts';
import { openTheatre, Stage, type Theatre } from './stage/stage.ts';
import { play } from './verbs.ts';

const here = import.meta.dirname;
const only = process.env['PACTGATE_ACCEPTANCE'];
const files = globSync('*.txt', { cwd: here }).toSorted();
const scripts = files.map((file) => parseScript(file, readFileSync(path.join(here, file), 'utf8')));

let theatre: Theatre;
before(async () => {
  theatre = await openTheatre();
});
after(() => theatre.close());

test('every row that is judged has a script', () => {
  const shown = new Set(scripts.map(({ row }) => row));
  assert.deepEqual(
    implemented.filter((row) => !shown.has(row)),
    [],
  );
});

for (const [i, script] of scripts.entries()) {
  if (only !== undefined && !script.file.startsWith(only)) continue;
  test(script.title, { timeout: 180_000 }, async () => {
    const stage = new Stage(theatre, script.row, 100 + i);
    try {
      for (const line of script.lines)
        await play(stage, line).catch((cause: unknown) => {
          const why = cause instanceof Error ? cause.message : String(cause);
          throw new Error(`${script.file}:${line.number}: ${line.text}\n  ${why}`, { cause });
        });
    } finally {
      stage.close();
    }
  });
}
