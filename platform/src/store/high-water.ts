import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { HighWater, HighWaterFile } from '../ledger/ports.ts';
import { isMissing, writeAtomically } from './files.ts';

const logId = /^[0-9a-z-]{1,64}$/;
const mark = Compile(
  Type.Object(
    {
      size: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      root: Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' }),
    },
    { additionalProperties: false },
  ),
);

/** A mark that cannot be read: it was written by somebody else, or the disk lost it. Nothing may be signed then. */
export class HighWaterDamaged extends Error {
  override readonly name = 'HighWaterDamaged';
}

/** One file for each log under `dir`. See `HighWaterFile` for the contract. */
export function highWaterFiles(dir: string): HighWaterFile {
  const fileOf = (log: string): string => {
    if (!logId.test(log)) throw new RangeError('not a log id');
    return path.join(dir, log);
  };
  const known = new Map<string, HighWater>();
  const read = async (log: string): Promise<HighWater | undefined> => {
    const remembered = known.get(log);
    if (remembered) return remembered;
    const found = await readMark(fileOf(log));
    if (found) known.set(log, found);
    return found;
  };
  return {
    read,
    write: async (log, { size, root }) => {
      const next = { size, root };
      if (!mark.Check(next)) throw new RangeError('not a high-water mark');
      const before = await read(log);
      if (before && size < before.size) throw new RangeError(`high water of ${log} is ${before.size}, not ${size}`);
      await writeAtomically(fileOf(log), `${JSON.stringify(next)}\n`);
      known.set(log, next);
    },
  };
}

async function readMark(file: string): Promise<HighWater | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    return mark.Parse(JSON.parse(text));
  } catch (error) {
    throw new HighWaterDamaged(`${path.basename(file)} is not a high-water mark`, { cause: error });
  }
}
