import type { ModelRow, ModelState, ModelStore, PolicyStore, PolicyVersion } from '../../flow/ports.ts';
import { instant } from '../../kernel/time.ts';
import type { Db, Tx } from './schema.ts';
import type { AgreementTables } from './tables/agreement.ts';

type Row = AgreementTables['model'];

const toModel = (row: Row): ModelRow => ({
  agreement: row.agreement,
  model: row.model,
  state: row.state as ModelState, // held by the table's check
  ...(row.file === null ? {} : { file: row.file }),
  ...(row.file_jws === null ? {} : { fileJws: row.file_jws }),
  ...(row.file_at === null ? {} : { fileAt: instant(row.file_at) }),
  ...(row.manifest === null ? {} : { manifest: row.manifest }),
  ...(row.manifest_jws === null ? {} : { manifestJws: row.manifest_jws }),
  ...(row.manifest_digest === null ? {} : { manifestDigest: row.manifest_digest }),
  ...(row.countersigned_by === null ? {} : { countersignedBy: row.countersigned_by }),
  ...(row.countersigned === null ? {} : { countersignedAt: instant(row.countersigned) }),
  ...toSbom(row),
  missing: JSON.parse(row.missing) as string[], // written below from a list of texts
  changedAt: instant(row.changed),
});

function toSbom(row: Row): Pick<ModelRow, 'sbom'> {
  if (row.sbom === null || row.sbom_format === null || row.sbom_digest === null) return {};
  return {
    sbom: { text: row.sbom, format: row.sbom_format, digest: row.sbom_digest, components: row.sbom_components ?? 0 },
  };
}

const orNull = <T>(value: T | undefined): T | null => value ?? null;

const fromModel = (model: ModelRow): Row => ({
  agreement: model.agreement,
  model: model.model,
  state: model.state,
  file: orNull(model.file),
  file_jws: orNull(model.fileJws),
  file_at: orNull(model.fileAt),
  manifest: orNull(model.manifest),
  manifest_jws: orNull(model.manifestJws),
  manifest_digest: orNull(model.manifestDigest),
  countersigned_by: orNull(model.countersignedBy),
  countersigned: orNull(model.countersignedAt),
  ...fromSbom(model.sbom),
  missing: JSON.stringify(model.missing),
  changed: model.changedAt,
});

const fromSbom = (sbom: ModelRow['sbom']): Pick<Row, 'sbom' | 'sbom_format' | 'sbom_digest' | 'sbom_components'> =>
  sbom === undefined
    ? { sbom: null, sbom_format: null, sbom_digest: null, sbom_components: null }
    : { sbom: sbom.text, sbom_format: sbom.format, sbom_digest: sbom.digest, sbom_components: sbom.components };

const columns = [
  'agreement',
  'model',
  'state',
  'file',
  'file_jws',
  'file_at',
  'manifest',
  'manifest_jws',
  'manifest_digest',
  'countersigned_by',
  'countersigned',
  'sbom',
  'sbom_format',
  'sbom_digest',
  'sbom_components',
  'missing',
  'changed',
] as const;

/** Device models with their signed files (B2.1.1, B2.4.2). */
export function modelStore(db: Db): ModelStore<Tx> {
  return {
    put: async (tx, model) => {
      const row = fromModel(model);
      await tx
        .insertInto('model')
        .values(row)
        .onConflict((conflict) => conflict.columns(['agreement', 'model']).doUpdateSet(row))
        .execute();
    },
    model: async (agreement, model) => {
      const row = await db
        .selectFrom('model')
        .select(columns)
        .where('agreement', '=', agreement)
        .where('model', '=', model)
        .executeTakeFirst();
      return row && toModel(row);
    },
    models: async (agreement) => {
      const rows = await db
        .selectFrom('model')
        .select(columns)
        .where('agreement', '=', agreement)
        .orderBy('model')
        .limit(1_000)
        .execute();
      return rows.map(toModel);
    },
  };
}

/** Published access policies (A3.1.3). */
export function policyStore(db: Db): PolicyStore<Tx> {
  return {
    newest: async () => {
      const row = await db
        .selectFrom('policy_version')
        .select(['version', 'digest', 'policies', 'published', 'by'])
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst();
      return (
        row && {
          version: row.version,
          digest: row.digest,
          by: row.by,
          publishedAt: instant(row.published),
          policies: JSON.parse(row.policies) as PolicyVersion['policies'],
        }
      );
    },
    add: async (tx, version) => {
      await tx
        .insertInto('policy_version')
        .values({
          version: version.version,
          digest: version.digest,
          policies: JSON.stringify(version.policies),
          published: version.publishedAt,
          by: version.by,
        })
        .execute();
    },
  };
}
