import rows from './catalogue.schema.json' with { type: 'json' };
import type { Schema } from './schema.ts';

const short = { type: 'string', minLength: 1, maxLength: 200, pattern: '^\\S(.*\\S)?$' } as const;
const long = { type: 'string', minLength: 1, maxLength: 4000, pattern: '^\\S(.*\\S)?$' } as const;

/** A closed object: every field is required but those named in `optional`. */
function closed(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties).filter((key) => !optional.includes(key)),
    properties,
  };
}
const listOf = (items: Schema, minItems: number, maxItems: number): Schema => ({
  type: 'array',
  minItems,
  maxItems,
  uniqueItems: true,
  items,
});
const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });

const { row, param, text, template } = rows.$defs;
const chinese = { type: 'string', pattern: '[\\u4e00-\\u9fff]' };

const coordinate = { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$' };
const thumbprint = { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$' };

const verifierKey = { type: 'string', maxLength: 4096, pattern: '^[^\\s+]+\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]+={0,2}$' };

const particularsShape = closed(
  {
    name: short,
    representative: short,
    address: short,
    register: closed(
      {
        kind: { enum: ['uscc', 'other'] },
        registerName: short,
        number: { type: 'string', minLength: 1, maxLength: 64, pattern: '^\\S(.*\\S)?$' },
      },
      ['registerName'],
    ),
    contactEmail: {
      type: 'string',
      maxLength: 254,
      pattern: '^[^\\s@<>"(),:;\\[\\]]{1,64}@[^\\s@<>"(),:;]+\\.[^\\s@<>"(),:;.]{2,}$',
    },
    language: { enum: ['zh-CN', 'en'] },
  },
  ['language'],
);

/** JSON Schema of what both parties sign: closed at every level, every text and list bounded. */
export const documentSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:pactgate:agreement:1',
  title: 'Pactgate agreement document, version 1',
  ...closed({
    v: { const: 1 },
    id: { type: 'string', pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' },
    edition: { ...rows.properties.edition, maxLength: 80 },
    draftedAt: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{3})?Z$' },
    title: ref('shortBilingual'),
    purpose: ref('bilingual'),
    partyA: ref('particulars'),
    partyB: ref('particulars'),
    definitions: listOf(closed({ term: ref('shortBilingual'), text: ref('bilingual') }), 1, 100),
    clauses: listOf(
      closed({ id: row.properties.clause, title: ref('shortBilingual'), text: ref('bilingual') }),
      1,
      100,
    ),
    provisions: listOf(
      closed({
        id: { type: 'string', maxLength: 40, pattern: '^[a-z][a-z0-9-]*$' },
        title: ref('shortBilingual'),
        paragraphs: listOf(ref('bilingual'), 1, 20),
      }),
      0,
      50,
    ),
    rows: { ...rows.properties.rows, items: ref('row') },
    params: { type: 'object', maxProperties: 1000 },
    anchors: closed(
      {
        rootSha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
        signingKey: ref('publicKey'),
        logs: listOf(verifierKey, 1, 16),
        partyBThumbprint: thumbprint,
        witness: verifierKey,
      },
      ['partyBThumbprint', 'witness'],
    ),
  }),
  $defs: {
    ...rows.$defs,
    shortBilingual: closed({ zh: short, en: short }),
    bilingual: closed({ zh: long, en: long }),
    particulars: particularsShape,
    publicKey: closed(
      {
        kty: { const: 'EC' },
        crv: { const: 'P-256' },
        x: coordinate,
        y: coordinate,
        kid: short,
        alg: { const: 'ES256' },
        use: { const: 'sig' },
      },
      ['kid', 'alg', 'use'],
    ),
    param: {
      ...param,
      required: [...param.required, 'meaningZh'],
      properties: { ...param.properties, meaningZh: { ...chinese, maxLength: text.maxLength } },
    },
    templateZh: { ...chinese, $ref: '#/$defs/template' },
    row: {
      ...row,
      required: [...row.required, 'passZh', 'slaZh'],
      properties: { ...row.properties, passZh: ref('templateZh'), slaZh: ref('templateZh') },
    },
    template,
  },
};

/** JSON Schema of a party's particulars alone. */
export const particularsSchema: Schema = { ...ref('particulars'), $defs: { particulars: particularsShape } };
