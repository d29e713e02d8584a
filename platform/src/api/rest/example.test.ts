import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileManifest, MessageWriter, minimise } from '../../duties/data/index.ts';
import { field, manifestOf } from '../../duties/data/testing/sample-manifest.ts';
import { exampleOf } from './example.ts';
import { javaScriptText, shellText } from './sheet.ts';

const rows = [
  {
    name: 'nothing is required: the first field',
    fields: [field('/a', 'number'), field('/b', 'string')],
    want: '{"a":0}',
  },
  {
    name: 'every type, in nested objects',
    fields: [
      field('/on', 'boolean', { required: true }),
      field('/n/whole', 'integer', { required: true, range: { min: 3 } }),
      field('/n/cold', 'number', { required: true, range: { min: -9, max: -1.5 } }),
      field('/n/part', 'number', { required: true, range: { min: 0.25, max: 0.75 } }),
      field('/s', 'string', { required: true }),
      field('/e', 'enum', { required: true, values: ['idle', 'run'] }),
      field('/t', 'time', { required: true }),
      field('/g', 'geo', { required: true }),
      field('/b', 'bytes', { required: true }),
      field('/left~1out', 'number'),
    ],
    want: '{"on":true,"n":{"whole":3,"cold":-9,"part":0.25},"s":"x","e":"idle","t":"2026-01-01T00:00:00Z","g":[0,0],"b":"AA=="}',
  },
  {
    name: 'names of party B that mean something elsewhere',
    fields: [field("/__proto__/it's", 'number', { required: true })],
    want: `{"__proto__":{"it's":0}}`,
  },
] as const;
for (const { name, fields, want } of rows)
  test(`B2.4.1 example of a channel: ${name}`, () => {
    const channel = compileManifest(manifestOf(fields)).channels.get('env');
    assert.ok(channel);
    const example = exampleOf(channel);
    assert.equal(example, want);
    assert.equal(minimise(channel, Buffer.from(example), new MessageWriter()), undefined, 'the channel accepts it');
  });

test('texts of party B stay texts in the commands of the sheet', () => {
  assert.equal(shellText(`{"it's $(x)":0}`), String.raw`'{"it'\''s $(x)":0}'`);
  assert.equal(javaScriptText(`{"it's \n":0}`), String.raw`"{\"it's \n\":0}"`);
});
