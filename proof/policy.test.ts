import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { webProofCrypto as crypto } from './crypto.ts';
import { formatVkey, type KeyType, noteKey } from './note/key.ts';
import { evaluateQuorum, formatPolicy, type Policy, parsePolicy } from './policy.ts';

/** A key that nobody signs with: policies only compare them. */
const vkey = (name: string, type: KeyType, byte: number): string =>
  formatVkey(noteKey(crypto, { name, type, publicKey: new Uint8Array(32).fill(byte) }));
const log = vkey('log.example/c1', 1, 1);
const w = Array.from({ length: 6 }, (_, i) => vkey(`w${i}.example`, 4, 10 + i));
const two = `log ${log}\nwitness x ${w[0]}\nwitness y ${w[1]}\n`;

test('tlog-policy: comments, blanks, tabs and addresses are read', () => {
  const text = `# agreed\n\n \t \n  log\t${log}   https://log.example/c1 \nwitness X1 ${w[0]} https://w\n # end\nquorum X1\n`;
  const policy = parsePolicy(crypto, text);
  assert.equal(policy.logs[0]?.url, 'https://log.example/c1');
  assert.equal(policy.witnesses[0]?.name, 'X1');
  assert.equal(policy.quorum, 'X1');
  assert.equal(parsePolicy(crypto, 'quorum none\n').quorum, undefined);
});

test('tlog-policy: the example of two levels of groups', () => {
  const names = ['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'];
  const text = `log ${log}\n${names.map((name, i) => `witness ${name} ${w[i]}\n`).join('')}group X-witnesses 2 X1 X2 X3
group Y-witnesses any Y1 Y2 Y3\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n`;
  const policy = parsePolicy(crypto, text);
  for (const [cosigned, want] of [
    [['X1', 'X2', 'Y3'], true],
    [['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'], true],
    [['X1', 'Y1', 'Y2', 'Y3'], false],
    [['X1', 'X2', 'X3'], false],
    [['X-witnesses', 'Y-witnesses', 'X-and-Y'], false],
    [[], false],
  ] as const) {
    assert.equal(evaluateQuorum(policy, new Set<string>(cosigned)), want, cosigned.join(' '));
  }
});

test('tlog-policy: 32 logs, 32 witnesses and 32 groups are supported', () => {
  const lines = Array.from({ length: 32 }, (_, i) => [
    `log ${vkey(`l${i}`, 1, 100 + i)}`,
    `witness w${i} ${vkey(`w${i}`, 4, 150 + i)}`,
    `group g${i} any w${i}${i > 0 ? ` g${i - 1}` : ''}`,
  ]).flat();
  const policy = parsePolicy(crypto, `${lines.join('\n')}\nquorum g31\n`);
  assert.equal(evaluateQuorum(policy, new Set(['w0'])), true);
  assert.equal(evaluateQuorum(policy, new Set(['w32'])), false);
});

test('traps: policies that are none', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['no quorum', two],
    ['two quorums', `${two}quorum x\nquorum y\n`],
    ['quorum of an unknown name', `${two}quorum z\n`],
    ['quorum before its witness', `quorum x\n${two}`],
    ['quorum of two names', `${two}quorum x y\n`],
    ['group before its member', `group g any x\n${two}quorum g\n`],
    ['member twice in a group', `${two}group g 2 x x\nquorum g\n`],
    ['member of two groups', `${two}group g any x\ngroup h any x y\nquorum h\n`],
    ['group of itself', `${two}group g any g\nquorum g\n`],
    ['group without members', `${two}group g any\nquorum g\n`],
    ['none as a member', `${two}group g any none\nquorum g\n`],
    ['threshold 0', `${two}group g 0 x y\nquorum g\n`],
    ['threshold above the members', `${two}group g 3 x y\nquorum g\n`],
    ['threshold with a zero before it', `${two}group g 01 x y\nquorum g\n`],
    ['name twice', `${two}witness x ${w[2]}\nquorum x\n`],
    ['group named as a witness', `${two}group x any y\nquorum x\n`],
    ['witness named none', `${two}witness none ${w[2]}\nquorum x\n`],
    ['log key twice', `${two}log ${log}\nquorum x\n`],
    ['log key twice under another name', `${two}log ${vkey('log.example/c9', 1, 1)}\nquorum x\n`],
    ['log name twice', `${two}log ${vkey('log.example/c1', 1, 2)}\nquorum x\n`],
    ['witness key twice', `${two}witness z ${vkey('w9.example', 4, 10)}\nquorum x\n`],
    ['witness key as a log', `${two}log ${w[2]}\nquorum x\n`],
    ['log key as a witness', `${two}witness z ${vkey('w9.example', 1, 99)}\nquorum x\n`],
    ['log without a key', `${two}log\nquorum x\n`],
    ['log with surplus words', `${two}log ${vkey('l', 1, 5)} u u\nquorum x\n`],
    ['witness without a key', `${two}witness z\nquorum x\n`],
    ['unknown keyword', `${two}mirror z\nquorum x\n`],
    ['keyword in capitals', `${two}QUORUM x\n`],
    ['carriage return', `${two}quorum x\r\n`],
    ['no newline at the end', `${two}quorum x`],
    ['NUL', `${two}# \u0000\nquorum x\n`],
    ['too long', `${two}# ${'x'.repeat(66_000)}\nquorum x\n`],
  ];
  for (const [name, text] of rows) assert.throws(() => parsePolicy(crypto, text), { code: 'bad-policy' }, name);
  assert.throws(() => parsePolicy(crypto, `${two}log x+00000000+AQ==\nquorum x\n`), { code: 'bad-vkey' });
});

const policies: fc.Arbitrary<Policy> = fc
  .record({ logs: fc.nat(3), witnesses: fc.integer({ min: 1, max: 8 }), cuts: fc.array(fc.nat(100), { maxLength: 4 }) })
  .map(({ logs, witnesses, cuts }) => {
    const keyed = Array.from({ length: witnesses }, (_, i) => ({
      name: `w${i}`,
      key: noteKey(crypto, { name: `w${i}.example`, type: 4, publicKey: new Uint8Array(32).fill(40 + i) }),
      ...(i % 2 === 0 ? {} : { url: `https://w${i}.example/` }),
    }));
    const free = keyed.map(({ name }) => name);
    const groups = cuts.flatMap((cut, i) => {
      const members = free.splice(0, 1 + (cut % free.length));
      free.push(`g${i}`);
      return [{ name: `g${i}`, threshold: 1 + (cut % members.length), members }];
    });
    return {
      logs: Array.from({ length: logs }, (_, i) => ({
        key: noteKey(crypto, { name: `l${i}`, type: 1, publicKey: new Uint8Array(32).fill(90 + i) }),
      })),
      witnesses: keyed,
      groups,
      quorum: groups.at(-1)?.name ?? 'w0',
    };
  });

test('tlog-policy: law: a policy written is the policy read', () => {
  fc.assert(
    fc.property(policies, (policy) => assert.deepEqual(parsePolicy(crypto, formatPolicy(crypto, policy)), policy)),
  );
});

test('tlog-policy: law: one more cosignature never breaks a quorum', () => {
  fc.assert(
    fc.property(policies, fc.array(fc.nat(7)), fc.nat(7), (policy, cosigned, more) => {
      const names = cosigned.map((i) => `w${i}`);
      if (evaluateQuorum(policy, new Set(names))) {
        assert.ok(evaluateQuorum(policy, new Set([...names, `w${more}`])));
      }
    }),
  );
});

test('tlog-policy: a name or address that could not be read back is not written', () => {
  const policy = parsePolicy(crypto, `${two}quorum x\n`);
  const [witness] = policy.witnesses;
  assert.ok(witness);
  for (const broken of ['a b', 'none', '', 'y', 'x\nquorum none']) {
    const witnesses = [{ ...witness, name: broken }, ...policy.witnesses.slice(1)];
    assert.throws(() => formatPolicy(crypto, { ...policy, witnesses, quorum: broken }), { name: 'ProofError' }, broken);
  }
});
