import { type RecordKind, recordBodies } from '@pactgate/protocol';
import { Compile, type Validator } from 'typebox/compile';

const validators = new Map<RecordKind, Validator>();

/** The compiled check of a kind's bodies, made at its first use. Every record of the process passes it, some twice. */
export function bodyValidator(kind: RecordKind): Validator {
  const known = validators.get(kind);
  if (known) return known;
  const made = Compile(recordBodies[kind]);
  validators.set(kind, made);
  return made;
}

/** What `isRecordBody` of the protocol says, by the compiled check: members beyond the schema are passed over. */
export function isStoredBody(kind: RecordKind, value: Readonly<Record<string, unknown>>): boolean {
  const { properties } = recordBodies[kind];
  const known: Record<string, unknown> = {};
  for (const name of Object.keys(value)) if (Object.hasOwn(properties, name)) known[name] = value[name];
  return bodyValidator(kind).Check(known);
}
