import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ManifestField } from '@pactgate/protocol';
import { type CborValue, decodeCbor } from './cbor.ts';
import { type CompiledChannel, compileManifest } from './compile.ts';
import { MessageWriter, maxPathsPerMessage } from './message-writer.ts';
import { field, manifestOf } from './testing/sample-manifest.ts';
import { countForeign, minimise } from './uplink.ts';

const channelOf = (fields: readonly ManifestField[], maxBytes = 4_096): CompiledChannel => {
  const channels = { env: { media: 'json' as const, maxBytes, maxPerMinute: 60 } };
  const channel = compileManifest(manifestOf(fields, { channels })).channels.get('env');
  assert.ok(channel);
  return channel;
};
const all = channelOf([
  field('/t', 'time'),
  field('/temp', 'number', { range: { min: -40, max: 85 } }),
  field('/n', 'integer'),
  field('/on', 'boolean'),
  field('/mode', 'enum', { values: ['auto', '手动'] }),
  field('/note', 'string', { maxLength: 5 }),
  field('/gps/at', 'geo'),
  field('/gps/fix', 'integer'),
  field('/raw', 'bytes', { maxLength: 3 }),
  field('/owner', 'string', { class: 'personal', personal: true }),
]);
const out = new MessageWriter();
const send = (payload: string | Uint8Array, channel = all): string | undefined =>
  minimise(channel, typeof payload === 'string' ? new TextEncoder().encode(payload) : payload, out);
/** Kept clear values by path. */
const kept = (channel = all): Record<string, CborValue> => {
  const row = decodeCbor(out.body.done());
  assert.ok(Array.isArray(row));
  assert.equal(row[0], channel.manifestVersion);
  assert.equal(row.length, channel.clear.length + 1);
  const values = channel.clear.map(({ path }, i) => [path, row[i + 1] as CborValue] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
};

test('B2.4.1 every type is kept as declared, in manifest order whatever the order sent', () => {
  const payload =
    '{"raw":"AQID","gps":{"fix":3,"at":[116.4,39.9]},"note":"ok","mode":"手动","on":true,"n":-7,"temp":21.5,"t":1763802000123}';
  assert.equal(send(payload), undefined);
  assert.deepEqual(kept(), {
    '/t': 1763802000123,
    '/temp': 21.5,
    '/n': -7,
    '/on': true,
    '/mode': '手动',
    '/note': 'ok',
    '/gps/at': [116.4, 39.9],
    '/gps/fix': 3,
    '/raw': Uint8Array.of(1, 2, 3),
  });
  assert.equal(out.at, 1763802000123);
  assert.deepEqual(out.values, [21.5, -7, 3]);
  assert.deepEqual(out.positions, [0, 1, 2]);
  assert.deepEqual([out.undeclared, out.mistyped, out.sealedFields, out.secret.length], [0, 0, 0, 0]);
  assert.equal(countForeign(all, out.body.done()), 0);
});

test('B2.4.1 sealed fields leave the body and stand in the secret by path', () => {
  assert.equal(send('{"owner":"王五","n":1}'), undefined);
  assert.deepEqual(kept(), { '/n': 1 });
  assert.deepEqual(decodeCbor(out.secret.done()), new Map([['/owner', '王五']]));
  assert.equal(out.sealedFields, 1);
  assert.ok(!Buffer.from(out.body.done()).includes('王五'));
  assert.equal(send('{"n":1}'), undefined);
  assert.equal(out.secret.length, 0);
});

test('B2.4.1 undeclared members are left out and counted once each, subtrees as one', () => {
  assert.equal(send('{"n":1,"imei":"86","debug":{"a":[1,{"b":2}]},"gps":{"fix":1,"speed":2}}'), undefined);
  assert.deepEqual(kept(), { '/n': 1, '/gps/fix': 1 });
  assert.equal(out.undeclared, 3);
  assert.deepEqual(out.undeclaredPaths, ['env/imei', 'env/debug', 'env/gps/speed']);
  assert.equal(send('{"n":1}'), undefined);
  assert.deepEqual([out.undeclared, out.undeclaredPaths], [0, []]);
});
test('B2.4.1 an object around fields that is sent as a value is undeclared', () => {
  assert.equal(send('{"gps":5}'), undefined);
  assert.deepEqual([out.undeclared, out.undeclaredPaths, out.mistyped], [1, ['env/gps'], 0]);
});
for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
  test(`B2.4.1 ${name} is an ordinary undeclared name, and an ordinary declared one`, () => {
    assert.equal(send(`{"${name}":{"n":1},"n":2}`), undefined);
    assert.deepEqual([kept(), out.undeclared], [{ '/n': 2 }, 1]);
    const declared = channelOf([field(`/${name}`, 'integer')]);
    assert.equal(send(`{"${name}":7}`, declared), undefined);
    assert.deepEqual(decodeCbor(out.body.done()), [3, 7]);
  });
for (const [name, want] of [
  ['serial_no', 'env/serial_no'],
  ['13800138000', 'other'],
  ['id123456', 'env/id123456'],
  ['id1234567', 'other'],
  ['张三', 'other'],
  ['a b', 'other'],
  ['a'.repeat(64), `env/${'a'.repeat(64)}`],
  ['a'.repeat(65), 'other'],
  ['', 'other'],
] as const)
  test(`B2.4.1 an undeclared name that could be personal is not recorded: ${name.slice(0, 12)} (${name.length})`, () => {
    assert.equal(send(JSON.stringify({ [name]: 1 })), undefined);
    assert.deepEqual(out.undeclaredPaths, [want]);
  });
test('B2.4.1 at most 64 undeclared names of a message are kept, all are counted', () => {
  const members = Array.from({ length: maxPathsPerMessage + 6 }, (_, i) => `"x${i}":0`);
  assert.equal(send(`{${members.join(',')}}`), undefined);
  assert.deepEqual([out.undeclared, out.undeclaredPaths.length], [70, 64]);
});

const mistyped: readonly { name: string; payload: string; bad: boolean }[] = [
  { name: 'integer 2^53-1', payload: '{"n":9007199254740991}', bad: false },
  { name: 'integer 2^53', payload: '{"n":9007199254740992}', bad: true },
  { name: 'integer -2^53+1', payload: '{"n":-9007199254740991}', bad: false },
  { name: 'integer with a fraction', payload: '{"n":1.5}', bad: true },
  { name: 'integer written 1e2', payload: '{"n":1e2}', bad: false },
  { name: 'integer as text', payload: '{"n":"1"}', bad: true },
  { name: 'integer null', payload: '{"n":null}', bad: true },
  { name: 'integer as array', payload: '{"n":[1]}', bad: true },
  { name: 'integer as object', payload: '{"n":{"n":1}}', bad: true },
  { name: 'number at its least', payload: '{"temp":-40}', bad: false },
  { name: 'number below its least', payload: '{"temp":-40.01}', bad: true },
  { name: 'number at its most', payload: '{"temp":85}', bad: false },
  { name: 'number above its most', payload: '{"temp":85.01}', bad: true },
  { name: 'number as boolean', payload: '{"temp":true}', bad: true },
  { name: 'boolean as number', payload: '{"on":1}', bad: true },
  { name: 'boolean as text', payload: '{"on":"true"}', bad: true },
  { name: 'enum value', payload: '{"mode":"auto"}', bad: false },
  { name: 'enum value with escapes', payload: '{"mode":"\\u0061uto"}', bad: false },
  { name: 'enum of another value', payload: '{"mode":"off"}', bad: true },
  { name: 'string of 5 characters', payload: '{"note":"水水水水😀"}', bad: false },
  { name: 'string of 6 characters', payload: '{"note":"水水水水水😀"}', bad: true },
  { name: 'string with U+0000', payload: '{"note":"a\\u0000"}', bad: true },
  { name: 'string as number', payload: '{"note":1}', bad: true },
  { name: 'position at the corner', payload: '{"gps":{"at":[-180,90]}}', bad: false },
  { name: 'longitude 180.1', payload: '{"gps":{"at":[180.1,0]}}', bad: true },
  { name: 'latitude 90.1', payload: '{"gps":{"at":[0,90.1]}}', bad: true },
  { name: 'position of one number', payload: '{"gps":{"at":[0]}}', bad: true },
  { name: 'position of three numbers', payload: '{"gps":{"at":[0,0,0]}}', bad: true },
  { name: 'position with white space', payload: '{"gps":{"at":[ 1 , 2 ]}}', bad: false },
  { name: 'position of texts', payload: '{"gps":{"at":["1","2"]}}', bad: true },
  { name: 'bytes of 3 octets', payload: '{"raw":"AQID"}', bad: false },
  { name: 'bytes of 4 octets', payload: '{"raw":"AQIDBA=="}', bad: true },
  { name: 'bytes without padding', payload: '{"raw":"AQI"}', bad: true },
  { name: 'bytes with unused bits set', payload: '{"raw":"AR=="}', bad: true },
  { name: 'time 0', payload: '{"t":0}', bad: false },
  { name: 'time -1', payload: '{"t":-1}', bad: true },
  { name: 'time at the end of time', payload: '{"t":8640000000000000}', bad: false },
  { name: 'time after the end of time', payload: '{"t":8640000000000001}', bad: true },
  { name: 'time RFC 3339', payload: '{"t":"2026-11-22T10:00:00.5+08:00"}', bad: false },
  { name: 'time that does not exist', payload: '{"t":"2026-13-22T10:00:00Z"}', bad: true },
  { name: 'time without zone', payload: '{"t":"2026-11-22T10:00:00"}', bad: true },
];
for (const { name, payload, bad } of mistyped)
  test(`B2.4.1 ${name} is ${bad ? 'dropped and counted' : 'kept'}`, () => {
    assert.equal(send(payload), undefined);
    assert.deepEqual([out.mistyped, Object.keys(kept()).length], bad ? [1, 0] : [0, 1]);
    assert.equal(out.undeclared, 0);
  });

const needs = channelOf([field('/n', 'integer', { required: true }), field('/m', 'integer')]);
for (const { name, payload, want } of [
  { name: 'there', payload: '{"n":1}', want: undefined },
  { name: 'missing', payload: '{"m":1}', want: 'data/required-field' },
  { name: 'mistyped', payload: '{"n":"1"}', want: 'data/required-field' },
  { name: 'null', payload: '{"n":null}', want: 'data/required-field' },
  { name: 'there, the optional one mistyped', payload: '{"n":1,"m":"1"}', want: undefined },
] as const)
  test(`B2.4.1 required field ${name}`, () => assert.equal(send(payload, needs), want));

const deep = (n: number): string => `{"x":${'['.repeat(n - 1)}${']'.repeat(n - 1)}}`;
const utf8 = (...octets: readonly number[]): Uint8Array =>
  Uint8Array.of(...new TextEncoder().encode('{"note":"'), ...octets, ...new TextEncoder().encode('"}'));
const invalid: readonly { name: string; payload: string | Uint8Array; ok?: true }[] = [
  { name: 'nothing', payload: '' },
  { name: 'an empty object', payload: '{}', ok: true },
  { name: 'white space around it', payload: ' \t\r\n{ } \n', ok: true },
  { name: 'an array', payload: '[]' },
  { name: 'a number', payload: '1' },
  { name: 'two values', payload: '{}{}' },
  { name: 'a comma at the end', payload: '{"n":1,}' },
  { name: 'no comma', payload: '{"n":1 "on":true}' },
  { name: 'no colon', payload: '{"n"1}' },
  { name: 'a name without quotes', payload: '{n:1}' },
  { name: 'a truncated object', payload: '{"n":1' },
  { name: 'a truncated text', payload: '{"note":"a' },
  { name: 'a truncated literal', payload: '{"on":tru}' },
  { name: 'a leading zero', payload: '{"n":01}' },
  { name: 'a plus sign', payload: '{"n":+1}' },
  { name: 'a bare point', payload: '{"n":1.}' },
  { name: 'an empty exponent', payload: '{"n":1e}' },
  { name: 'NaN', payload: '{"n":NaN}' },
  { name: 'a control character in a text', payload: '{"note":"\u0001"}' },
  { name: 'a NUL behind the object', payload: '{}\0' },
  { name: 'a byte order mark', payload: '\ufeff{}' },
  { name: 'an unknown escape', payload: '{"note":"\\x41"}' },
  { name: 'a short unicode escape', payload: '{"note":"\\u041"}' },
  { name: 'a lone high surrogate', payload: '{"note":"\\ud800"}' },
  { name: 'a lone low surrogate', payload: '{"note":"\\udc00"}' },
  { name: 'a high surrogate before another escape', payload: '{"note":"\\ud800\\u0041"}' },
  { name: 'a surrogate pair', payload: '{"note":"\\ud83d\\ude00"}', ok: true },
  { name: 'a declared name twice', payload: '{"n":1,"n":2}' },
  { name: 'a declared name twice, once escaped', payload: '{"n":1,"\\u006e":2}' },
  { name: 'an object around fields twice', payload: '{"gps":{"fix":1},"gps":{}}' },
  { name: 'an undeclared name twice', payload: '{"x":1,"x":2}', ok: true },
  { name: 'a trailing mark in an undeclared array', payload: '{"x":[1,]}' },
  { name: 'mixed brackets', payload: '{"x":[1}}' },
  { name: 'nested 32 deep', payload: deep(32), ok: true },
  { name: 'nested 33 deep', payload: deep(33) },
  { name: 'nested beyond any stack', payload: `{"x":${'['.repeat(4_000)}` },
  { name: 'UTF-8: overlong slash', payload: utf8(0xc0, 0xaf) },
  { name: 'UTF-8: overlong in three', payload: utf8(0xe0, 0x9f, 0xbf) },
  { name: 'UTF-8: least of three', payload: utf8(0xe0, 0xa0, 0x80), ok: true },
  { name: 'UTF-8: surrogate', payload: utf8(0xed, 0xa0, 0x80) },
  { name: 'UTF-8: last before surrogates', payload: utf8(0xed, 0x9f, 0xbf), ok: true },
  { name: 'UTF-8: overlong in four', payload: utf8(0xf0, 0x8f, 0xbf, 0xbf) },
  { name: 'UTF-8: least of four', payload: utf8(0xf0, 0x90, 0x80, 0x80), ok: true },
  { name: 'UTF-8: greatest code', payload: utf8(0xf4, 0x8f, 0xbf, 0xbf), ok: true },
  { name: 'UTF-8: beyond U+10FFFF', payload: utf8(0xf4, 0x90, 0x80, 0x80) },
  { name: 'UTF-8: bare continuation', payload: utf8(0x80) },
  { name: 'UTF-8: cut sequence', payload: utf8(0xe6, 0xb0) },
  { name: 'UTF-8: F5', payload: utf8(0xf5, 0x80, 0x80, 0x80) },
  { name: 'UTF-8: ill-formed in an undeclared text', payload: Buffer.from('7b2278223a22ff227d', 'hex') },
];
for (const { name, payload, ok } of invalid)
  test(`RFC 8259: ${name} is ${ok ? 'read' : 'refused'}`, () =>
    assert.equal(send(payload), ok ? undefined : 'data/payload-invalid'));

test('a name written with a quote in it is not taken for the declared one', () => {
  const odd = channelOf([field('/a"b', 'integer')]);
  assert.equal(send('{"a"b":1}', odd), 'data/payload-invalid');
  assert.equal(send('{"a\\"b":1}', odd), undefined);
  assert.deepEqual(decodeCbor(out.body.done()), [3, 1]);
});
test('data/too-large: just at and just over the limit of the channel', () => {
  const small = channelOf([field('/n', 'integer')], 10);
  assert.equal(send('{"n":1   }', small), undefined);
  assert.equal(send('{"n":1    }', small), 'data/too-large');
});
test('a refused message leaves nothing behind for the next', () => {
  assert.equal(send('{"temp":1,"x":1,'), 'data/payload-invalid');
  assert.equal(send('{"n":1}'), undefined);
  assert.deepEqual([kept(), out.undeclared, out.values], [{ '/n': 1 }, 0, [1]]);
});
test('two writers share a compiled manifest without seeing duplicates of each other', () => {
  const other = new MessageWriter();
  const payload = new TextEncoder().encode('{"n":1}');
  for (let i = 0; i < 3; i++) {
    assert.equal(minimise(all, payload, other), undefined);
    assert.equal(minimise(all, payload, out), undefined);
  }
});
test('B2.4.1 an undeclared name sent again is counted under the same path, and only under its own', () => {
  const names = ['imei', 'colour', '\u00e9t\u00e9', 'id1234567'];
  const payload = `{${names.map((name) => `"${name}":1`).join()}}`;
  const want = ['env/imei', 'env/colour', 'other', 'other'];
  for (let time = 0; time < 3; time++) {
    assert.equal(send(payload), undefined);
    assert.deepEqual(out.undeclaredPaths, want);
  }
  // More names than are remembered: the first ones and the last ones read the same.
  const many = Array.from({ length: 200 }, (_, i) => `n${i}`);
  for (const name of [...many, ...many]) {
    send(`{"${name}":1}`);
    assert.deepEqual(out.undeclaredPaths, [`env/${name}`]);
  }
});

test('B2.4.1 a row of another layout is counted as foreign', () => {
  assert.equal(send('{"n":1}'), undefined);
  const narrow = channelOf([field('/n', 'integer')]);
  assert.equal(countForeign(narrow, out.body.done()), all.clear.length - 1);
});

test('data/too-large: a row that repeats long names grows beyond what the store takes', () => {
  const name = 'n'.repeat(124);
  const list = Array.from({ length: 256 }, (_, i) =>
    field(`/${name}/${name}/f${i}`, 'integer', { class: 'sensitive' }),
  );
  const wide = channelOf(list, 65_536);
  const message = (n: number): string =>
    JSON.stringify({ [name]: { [name]: Object.fromEntries(list.slice(0, n).map((_, i) => [`f${i}`, 1])) } });
  assert.equal(send(message(250), wide), undefined);
  assert.ok(out.secret.length <= 65_536 - 37);
  assert.equal(send(message(256), wide), 'data/too-large');
});
