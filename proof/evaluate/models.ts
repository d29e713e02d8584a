import { type Handlers, handle } from './handlers.ts';
import { maxNames, newer, toSeen } from './newest.ts';
import type { AnyRecord, Ref, Seen } from './types.ts';
import { addTo, openTally, type Tally } from './windows.ts';

/** What the log says of one model of device. */
export interface Model {
  readonly id: string;
  readonly bornAt: number;
  profile: Seen<'model.profile.sign'> | undefined;
  sbom: Seen<'sbom.ingest'> | undefined;
  /** Newest manifest, countersigned or not. */
  manifest: Seen<'schema.publish'> | undefined;
  /** Newest countersignature, and the manifest it countersigns. */
  countersigned:
    | { readonly by: Seen<'schema.countersign'>; readonly manifest: Seen<'schema.publish'> | undefined }
    | undefined;
  validated: Seen<'msg.validate'> | undefined;
  /** Messages, those with undeclared fields, undeclared fields stored. */
  messages: Tally;
  /** An undeclared field seen lately, for the explanation. */
  undeclared: string | undefined;
}

export interface Models {
  readonly byId: Map<string, Model>;
  /** The "day" of B2.4.1, milliseconds. */
  readonly dayMs: number;
}
export const openModels = (dayMs: number): Models => ({ byId: new Map(), dayMs });

function find(models: Models, id: string, at: number): Model | undefined {
  const known = models.byId.get(id);
  if (known !== undefined || models.byId.size >= maxNames) return known;
  const model: Model = {
    id,
    bornAt: at,
    profile: undefined,
    sbom: undefined,
    manifest: undefined,
    countersigned: undefined,
    validated: undefined,
    messages: openTally(models.dayMs, 3),
    undeclared: undefined,
  };
  models.byId.set(id, model);
  return model;
}

/** What each kind of record says of a model. */
const modelHandlers: Handlers<Model> = {
  'model.profile.sign': (model, record, ref) => {
    model.profile = newer(model.profile, toSeen(record, ref));
  },
  'sbom.ingest': (model, record, ref) => {
    model.sbom = newer(model.sbom, toSeen(record, ref));
  },
  'schema.publish': (model, record, ref) => {
    model.manifest = newer(model.manifest, toSeen(record, ref));
  },
  'schema.countersign': (model, record, ref) => {
    const manifest = model.manifest?.body.version === record.body.version ? model.manifest : undefined;
    model.countersigned = { by: toSeen(record, ref), manifest };
  },
  'msg.validate': (model, record, ref) => {
    const { messages, withUndeclared, storedUndeclared, undeclared } = record.body;
    model.validated = newer(model.validated, toSeen(record, ref));
    addTo(model.messages, record.at, [messages, withUndeclared, storedUndeclared]);
    model.undeclared = undeclared[0]?.path ?? model.undeclared;
  },
};

/** Folds a record of the agreement's log in. */
export function feedModels(models: Models, record: AnyRecord, ref: Ref): void {
  if (!Object.hasOwn(modelHandlers, record.kind)) return;
  if (!('model' in record.body) || typeof record.body.model !== 'string') return;
  const model = find(models, record.body.model, record.at);
  if (model !== undefined) handle(modelHandlers, model, record, ref);
}
