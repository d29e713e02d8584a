import type { Tables, TablesOf } from '../columns.ts';

/** Parties, agreements, models, policy. JSON columns are read through TypeBox, never queried inside SQL. */
export const agreementTables = {
  party: { id: 'text', particulars: 'text', created: 'int' },
  party_key: { thumbprint: 'text', party: 'text', use: 'text', key: 'text', created: 'int', ended: 'int?' },
  agreement: {
    id: 'text',
    party: 'text',
    state: 'text',
    edition: 'text',
    params: 'text',
    drafted: 'int',
    document: 'text?',
    digest: 'text?',
    jws: 'text?',
    in_force: 'int?',
    log: 'text',
  },
  model: {
    agreement: 'text',
    model: 'text',
    state: 'text',
    file: 'text?',
    file_jws: 'text?',
    file_at: 'int?',
    manifest: 'text?',
    manifest_jws: 'text?',
    manifest_digest: 'text?',
    countersigned_by: 'text?',
    countersigned: 'int?',
    sbom: 'text?',
    sbom_format: 'text?',
    sbom_digest: 'text?',
    sbom_components: 'int?',
    missing: 'text',
    changed: 'int',
  },
  policy_version: { version: 'int', digest: 'text', policies: 'text', published: 'int', by: 'text' },
} as const satisfies Tables;
export type AgreementTables = TablesOf<typeof agreementTables>;
