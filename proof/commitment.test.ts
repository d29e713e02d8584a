import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeBase64Url, encodeUtf8 } from './bytes.ts';
import { commit, commitCanonical, concealMembers, disclosureDigest, revealMembers } from './commitment.ts';
import { webProofCrypto as crypto } from './crypto.ts';
import type { JsonObject, JsonValue } from './json.ts';

const saltFrom = (start: number): (() => Uint8Array) => {
  let next = start;
  return () => new Uint8Array(16).fill(next++ % 256);
};

test('design 3: cm of the vector', () => {
  assert.equal(commit(crypto, new Uint8Array(32), { a: 1 }), 'EJHGryqQM6JswPV31pGjOwM6pt9dFtBYjNxyEh1NEvM');
  assert.equal(
    commitCanonical(crypto, new Uint8Array(32), encodeUtf8('{"a":1}')),
    commit(crypto, new Uint8Array(32), { a: 1 }),
  );
  assert.throws(() => commit(crypto, new Uint8Array(31), { a: 1 }), { code: 'bad-commitment' });
});

test('RFC 9901 4.2.3: digest of a disclosure of the RFC', () => {
  const disclosure = 'WyI2cU1RdlJMNWhhaiIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0';
  assert.equal(disclosureDigest(crypto, disclosure), 'uutlBuYeMDyjLLTpf6Jxi7yNkEF35jdyWMn9U7b_RYY');
});

test('design 3: concealed members come back by disclosure, and can be erased', () => {
  const body = { device: 'p-1', email: 'x@example.com', user: { name: 'Wang' }, result: 'deny' };
  const { body: hidden, disclosures } = concealMembers(crypto, body, ['email', 'user', 'absent'], saltFrom(1));
  assert.deepEqual(Object.keys(hidden).toSorted(), ['_sd', 'device', 'result']);
  assert.ok(!JSON.stringify(hidden).includes('Wang'));
  assert.deepEqual(revealMembers(crypto, hidden, disclosures), { body, hidden: [] });
  const [first = ''] = disclosures;
  const erased = revealMembers(crypto, hidden, disclosures.slice(1));
  assert.deepEqual(erased.hidden, [disclosureDigest(crypto, first)]);
  assert.equal(erased.body['email'], undefined);
  assert.deepEqual(concealMembers(crypto, body, [], saltFrom(1)), { body, disclosures: [] });
});

test('RFC 9901: concealed members of concealed objects come back', () => {
  const inner = concealMembers(crypto, { city: 'Hangzhou', zip: '310000' }, ['city'], saltFrom(1));
  const outer = concealMembers(crypto, { address: inner.body, n: 1 }, ['address'], saltFrom(9));
  const all = [...inner.disclosures, ...outer.disclosures];
  const whole = { address: { city: 'Hangzhou', zip: '310000' }, n: 1 };
  assert.deepEqual(revealMembers(crypto, outer.body, all), { body: whole, hidden: [] });
  const listed = revealMembers(crypto, { list: [inner.body] }, inner.disclosures);
  assert.deepEqual(listed.body, { list: [{ city: 'Hangzhou', zip: '310000' }] });
});

const digest = (disclosure: string): string => disclosureDigest(crypto, disclosure);
const raw = (value: JsonValue): string => encodeBase64Url(encodeUtf8(JSON.stringify(value)));
const salt = encodeBase64Url(new Uint8Array(16));
test('traps: disclosures that belong nowhere, or say what they may not', () => {
  const good = raw([salt, 'a', 1]);
  const rows: readonly (readonly [string, JsonObject, readonly string[]])[] = [
    ['no digest of the body', { b: 1 }, [good]],
    ['given twice', { _sd: [digest(good)] }, [good, good]],
    ['digest twice in the body', { _sd: [digest(good)], c: { _sd: [digest(good)] } }, [good]],
    ['member is there already', { a: 2, _sd: [digest(good)] }, [good]],
    ...(
      [
        ['not base64url', '%%%'],
        ['not JSON', encodeBase64Url(encodeUtf8('[1'))],
        ['array element of RFC 9901', raw([salt, 'a'])],
        ['four parts', raw([salt, 'a', 1, 2])],
        ['name not text', raw([salt, 1, 1])],
        ['short salt', raw(['AAAA', 'a', 1])],
        ['salt not text', raw([1, 'a', 1])],
        ['name _sd', raw([salt, '_sd', []])],
        ['name ...', raw([salt, '...', 1])],
      ] as const
    ).map(([name, one]) => [name, { _sd: [digest(one)] }, [one]] as const),
    ['_sd not a list', { _sd: 'x' }, []],
    ['_sd with a number', { _sd: [1] }, []],
    ['_sd with a short digest', { _sd: ['abc'] }, []],
    ['too many', {}, Array.from({ length: 257 }, () => good)],
  ];
  for (const [name, body, disclosures] of rows) {
    assert.throws(() => revealMembers(crypto, body, disclosures), { code: 'bad-disclosure' }, name);
  }
  assert.throws(() => concealMembers(crypto, { _sd: [] }, [], saltFrom(1)), { code: 'bad-disclosure' });
  assert.throws(() => concealMembers(crypto, { a: 1 }, ['a'], () => new Uint8Array(15)), { code: 'bad-disclosure' });
});

test('traps: a member named __proto__ stays a member', () => {
  const body = JSON.parse('{"__proto__":{"x":1},"b":2}') as JsonObject;
  const { body: hidden, disclosures } = concealMembers(crypto, body, ['__proto__'], saltFrom(1));
  const { body: back } = revealMembers(crypto, hidden, disclosures);
  assert.equal(JSON.stringify(back), '{"b":2,"__proto__":{"x":1}}');
});

const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const bodies = fc.dictionary(names, fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true });
test('law: whatever is concealed comes back, and never changes the commitment of what stays', () => {
  fc.assert(
    fc.property(bodies, fc.array(names), (value, conceal) => {
      // jsonValue makes JSON; dictionary makes an object.
      const body = JSON.parse(JSON.stringify(value)) as JsonObject;
      fc.pre(!JSON.stringify(body).includes('_sd'));
      const { body: hidden, disclosures } = concealMembers(crypto, body, conceal, saltFrom(3));
      assert.deepEqual(revealMembers(crypto, hidden, disclosures), { body, hidden: [] });
      const none = revealMembers(crypto, hidden, []);
      const hide = new Set<string>(conceal);
      assert.equal(none.hidden.length, disclosures.length);
      assert.deepEqual(none.body, Object.fromEntries(Object.entries(body).filter(([name]) => !hide.has(name))));
    }),
  );
});
