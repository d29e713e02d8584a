import path from 'node:path';
import { readIfThere } from '@pactgate/device';
import { decodeBase64, encodeBase64, type WitnessState } from '@pactgate/proof';
import { Failure } from '../failure.ts';
import { writePrivate } from '../files.ts';
import { both } from '../language.ts';

/** What a witness remembers of one log: the head it cosigned last and the note that showed it, A's own signature. */
export interface Remembered {
  readonly state: WitnessState;
  readonly note: string;
  /** Set by a conflict: the witness never cosigns this log again until a person has removed the file. */
  readonly conflict?: { readonly kind: string; readonly detail: string; readonly at: number };
}

const fileOf = (directory: string, id: string): string => path.join(directory, `${id}.json`);

/** Reads the memory of a log. A damaged file stops: a witness that forgets is no witness. */
export async function readMemory(directory: string, id: string): Promise<Remembered | undefined> {
  const file = fileOf(directory, id);
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  try {
    const { origin, size, root, time, note, conflict } = JSON.parse(text) as {
      readonly origin: string;
      readonly size: number;
      readonly root: string;
      readonly time: number;
      readonly note: string;
      readonly conflict?: Remembered['conflict'];
    };
    const state = { origin, size, root: decodeBase64(root), time };
    if (!Number.isSafeInteger(size) || !Number.isSafeInteger(time) || state.root.length !== 32)
      throw new RangeError('values');
    return { state, note, ...(conflict === undefined ? {} : { conflict }) };
  } catch (cause) {
    throw new Failure(
      'refused',
      both(`见证状态 ${file} 已损坏`, `the state of the witness, ${file}, is damaged`),
      both(
        '请从备份恢复；删除它意味着从头信任该账本。',
        'Restore it from a backup; removing it means to trust the log from scratch.',
      ),
      { cause },
    );
  }
}

/** Durable when it resolves: called before a cosignature leaves. */
export function writeMemory(directory: string, id: string, { state, note, conflict }: Remembered): Promise<void> {
  const { origin, size, root, time } = state;
  const value = { origin, size, root: encodeBase64(root), time, note, ...(conflict === undefined ? {} : { conflict }) };
  return writePrivate(fileOf(directory, id), `${JSON.stringify(value, null, 2)}\n`);
}
