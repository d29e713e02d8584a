import type { DataManifest, ManifestField } from '@pactgate/protocol';

/** A field of channel `env` as tests need it: internal, kept 30 days. */
export const field = (path: string, type: ManifestField['type'], more: Partial<ManifestField> = {}): ManifestField => ({
  channel: 'env',
  path,
  type,
  class: 'internal',
  personal: false,
  purpose: ['operate'],
  retention: 'P30D',
  ...more,
});

/** A manifest without fault around some fields. */
export const manifestOf = (fields: readonly ManifestField[], more: Partial<DataManifest> = {}): DataManifest => ({
  v: 'pactgate/manifest/1',
  agreement: 'agr-1',
  party: 'acme',
  model: 'pump-2',
  version: 3,
  validFrom: '2026-01-01T00:00:00Z',
  reviewBy: '2026-12-31',
  purposes: { operate: { zh: '运行监测', en: 'operation', basis: 'agreement' } },
  channels: Object.fromEntries(
    [...new Set(fields.map(({ channel }) => channel))].map((name) => [
      name,
      { media: 'json', maxBytes: 4_096, maxPerMinute: 60 },
    ]),
  ),
  fields: [...fields],
  ...more,
});
