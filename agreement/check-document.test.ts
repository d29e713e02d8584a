import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { rowOf } from './catalogue.ts';
import { checkDocument, particularsFaults } from './check-document.ts';
import { documentRowOf, documentRowsOfClause, draftDocument } from './document.ts';
import { checkParams } from './params.ts';
import { maxFaults } from './schema.ts';
import { sampleInput } from './testdata/sample.ts';

type Json = Record<string, never>;
const whole = draftDocument(sampleInput);
/** As a peer would send it, to be corrupted; cut to three rows, so that hundreds are checked quickly. */
const draft = (): Json => JSON.parse(short) as Json;
const short = JSON.stringify({ ...whole, rows: whole.rows.slice(0, 3) });
const faultsOf = (input: unknown): readonly { path: string; fault: string }[] => {
  const checked = checkDocument(input);
  return 'faults' in checked ? checked.faults : [];
};

test('a draft of the standard edition is sound and passes unchanged, so its digest stays', () => {
  const checked = checkDocument(JSON.parse(JSON.stringify(whole)));
  assert.ok('document' in checked, JSON.stringify(faultsOf(whole)));
  assert.equal(JSON.stringify(checked.document), JSON.stringify(whole));
  assert.deepEqual(faultsOf(draft()), []);
});

test('a draft holds every text: rows with both languages and all meanings', () => {
  const document = whole;
  assert.equal(document.rows.length, 60);
  assert.equal(documentRowOf(document, 'B2.3.4')?.pass, rowOf('B2.3.4').pass);
  assert.equal(documentRowOf(document, 'B2.3.99'), undefined);
  assert.equal(documentRowsOfClause(document, '3.2').length, 3);
  for (const row of document.rows) {
    assert.ok(row.passZh.length > 1 && row.slaZh.length > 1);
    for (const param of row.params) assert.ok(param.meaningZh.length > 1, `${row.id} ${param.name}`);
  }
});

test('agreed parameters, a purpose of their own and the key of B pass', () => {
  const document = draftDocument({
    ...sampleInput,
    params: { 'B2.2.4': { window: 1, maxFailures: 5 }, 'B2.3.1': { minTls: '1.3' } },
    purpose: { zh: '保障泵站安全运行。', en: 'Pumps run safely.' },
    anchors: { ...sampleInput.anchors, partyBThumbprint: 'C'.repeat(43) },
  });
  assert.deepEqual(faultsOf(document), []);
});

test('an amended edition passes: another clause with a row of its own', () => {
  const document = draft();
  const rows = document['rows'] as unknown as Json[];
  const clauses = document['clauses'] as unknown as Json[];
  const change = { edition: 'pumps-2026.1' };
  clauses.push({
    id: '4.1',
    title: { zh: '供应链', en: 'Supply chain' },
    text: { zh: '披露。', en: 'Disclosure.' },
  } as never);
  rows.push({
    ...rows[0],
    id: 'B4.1.1',
    clause: '4.1',
    breach: { codes: ['SUPPLY_HIDDEN'], fields: 'supplier' },
  } as never);
  assert.deepEqual(faultsOf({ ...document, ...change }), []);
});

/** Sets the value at a JSON Pointer; `undefined` deletes. */
function set(root: Json, path: string, value: unknown): Json {
  const keys = path.split('/').slice(1);
  const last = keys.pop() ?? '';
  let at: Record<string, unknown> = root;
  for (const key of keys) at = at[key] as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return root;
}

const first = whole.rows[0];
const corrupted: readonly { name: string; at: string; value: unknown; path?: string; fault: RegExp }[] = [
  { name: 'another version', at: '/v', value: 2, fault: /must be 1/ },
  { name: 'id of capitals', at: '/id', value: 'A199C1A2-7B3C-7D4E-8F50-112233445566', fault: /must match/ },
  { name: 'a field too many', at: '/note', value: 'x', fault: /not a field/ },
  { name: 'a field missing', at: '/anchors/rootSha256', value: undefined, fault: /missing/ },
  { name: 'edition without number', at: '/edition', value: 'standard', fault: /must match/ },
  { name: 'time without zone', at: '/draftedAt', value: '2026-03-02T07:19:25', fault: /must match/ },
  { name: '30 February', at: '/draftedAt', value: '2026-02-30T07:19:25Z', fault: /no date/ },
  { name: 'hour 25', at: '/draftedAt', value: '2026-02-03T25:19:25Z', fault: /no date/ },
  { name: 'no name', at: '/partyB/name', value: '', fault: /at least 1/ },
  { name: 'name with a line break', at: '/partyB/name', value: 'Pumps\nA signs', fault: /must match|invisible/ },
  { name: 'name with a right-to-left override', at: '/partyB/name', value: 'Pu\u202Esp', fault: /invisible/ },
  { name: 'name with a lone surrogate', at: '/partyB/name', value: 'Pu\uD800s', fault: /invisible/ },
  { name: 'name too long', at: '/partyB/name', value: 'x'.repeat(201), fault: /at most 200/ },
  { name: 'code with a wrong digit', at: '/partyA/register/number', value: '91350100M000100Y44', fault: /check digit/ },
  { name: 'code with an O', at: '/partyA/register/number', value: '9135O100M000100Y43', fault: /never uses, place 5/ },
  { name: 'code too short', at: '/partyA/register/number', value: '91350100M000100Y4', fault: /18 characters/ },
  { name: 'code of no division', at: '/partyA/register/number', value: '91A50100M000100Y43', fault: /places 3 to 8/ },
  {
    name: 'register without a name',
    at: '/partyB/register/registerName',
    value: undefined,
    fault: /name the register/,
  },
  {
    name: 'register named for a credit code',
    at: '/partyA/register/registerName',
    value: 'X',
    fault: /other registers/,
  },
  { name: 'unknown kind of register', at: '/partyB/register/kind', value: 'vat', fault: /one of/ },
  { name: 'e-mail without host', at: '/partyB/contactEmail', value: 'psirt', fault: /must match/ },
  { name: 'e-mail with markup', at: '/partyB/contactEmail', value: '"<b>"@x.example', fault: /must match/ },
  { name: 'unknown language', at: '/partyB/language', value: 'de', fault: /one of/ },
  { name: 'purpose in one language', at: '/purpose/zh', value: undefined, fault: /missing/ },
  { name: 'clause twice', at: '/clauses/1/id', value: '2.1', fault: /twice/ },
  { name: 'provision twice', at: '/provisions/1/id', value: 'signing', fault: /twice/ },
  { name: 'term twice', at: '/definitions/1/term/en', value: 'device', fault: /twice/ },
  { name: 'row twice', at: '/rows/1/id', value: 'B2.1.1', fault: /twice/ },
  { name: 'same row twice', at: '/rows/1', value: first, fault: /twice/ },
  { name: 'row under another clause', at: '/rows/0/clause', value: '2.2', path: '/rows/0/id', fault: /another clause/ },
  { name: 'clause of a row missing', at: '/clauses/0/id', value: '4.1', path: '/rows/0/clause', fault: /no clause/ },
  { name: 'bare number in a criterion', at: '/rows/0/pass', value: 'at most 3 days', fault: /must match/ },
  { name: 'bare number in Chinese', at: '/rows/0/passZh', value: '不超过3天', fault: /must match/ },
  { name: 'Chinese criterion in English', at: '/rows/0/passZh', value: 'at most {fileMaxAge}', fault: /must match/ },
  { name: 'Chinese drops a number', at: '/rows/0/passZh', value: '已签名', fault: /other parameters/ },
  { name: 'unknown placeholder', at: '/rows/0/sla', value: 'cure {pace}', fault: /no parameter/ },
  {
    name: 'unused parameter',
    at: '/rows/0/params/1/name',
    value: 'pace',
    path: '/rows/0/params/1',
    fault: /stands in no text/,
  },
  { name: 'default out of range', at: '/rows/0/params/0/default', value: 4_000, fault: /1 to 3650/ },
  {
    name: 'default of the wrong type',
    at: '/rows/0/params/0/default',
    value: 'x',
    path: '/rows/0/params/0',
    fault: /exactly one/,
  },
  { name: 'parameter without Chinese', at: '/rows/0/params/0/meaningZh', value: 'age', fault: /must match/ },
  {
    name: 'kind of evidence twice',
    at: '/rows/0/evidence/1/kind',
    value: 'model.profile.sign',
    path: '/rows/0/evidence/1',
    fault: /twice/,
  },
  {
    name: 'breach code of two rows',
    at: '/rows/1/breach/codes/0',
    value: 'MODEL_FILE_MISSING',
    path: '/rows',
    fault: /twice/,
  },
  { name: 'agreed value of no row', at: '/params/B9.9.9', value: {}, fault: /no row/ },
  {
    name: 'agreed value out of range',
    at: '/params/B2.1.1',
    value: { cure: 0 },
    path: '/params/B2.1.1/cure',
    fault: /whole/,
  },
  { name: 'fingerprint too short', at: '/anchors/rootSha256', value: '00', fault: /must match/ },
  { name: 'a private key', at: '/anchors/signingKey/d', value: 'A'.repeat(43), fault: /not a field/ },
  { name: 'a key of another curve', at: '/anchors/signingKey/crv', value: 'P-384', fault: /P-256/ },
  { name: 'no log', at: '/anchors/logs', value: [], fault: /at least 1/ },
  { name: 'a log twice', at: '/anchors/logs/1', value: sampleInput.anchors.logs[0], fault: /twice/ },
  { name: 'a log key without hash', at: '/anchors/logs/0', value: 'log.example+AYqI', fault: /must match/ },
  { name: 'thumbprint of B too short', at: '/anchors/partyBThumbprint', value: 'C', fault: /must match/ },
];
for (const { name, at, value, path = at, fault } of corrupted) {
  test(`document refused: ${name}`, () => {
    const faults = faultsOf(set(draft(), at, value));
    const found = faults.find((candidate) => candidate.path === path && fault.test(candidate.fault));
    assert.ok(found, JSON.stringify(faults));
  });
}

test('law: no JSON makes the check throw, or answer without bound', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => faultsOf(value).length > 0 && faultsOf(value).length <= maxFaults));
});

test('law: a document with any one field replaced by any JSON is checked without throwing', () => {
  const paths = pathsOf(draft(), '');
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
      return faultsOf(set(draft(), path, value)).length <= maxFaults;
    }),
    { numRuns: 60 },
  );
});

function pathsOf(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inside = Object.entries(value).flatMap(([key, item]) => pathsOf(item, `${path}/${key}`));
  return path === '' ? inside : [path, ...inside];
}

test('particulars alone: the sample is fine, a wrong check digit and an unknown field are named', () => {
  assert.deepEqual(particularsFaults(sampleInput.partyB), []);
  const wrong = { ...sampleInput.partyB, register: { kind: 'uscc', number: '91350211M000100Y44' } };
  assert.match(particularsFaults(wrong)[0]?.fault ?? '', /check digit/);
  assert.ok(particularsFaults({ ...sampleInput.partyB, extra: 1 }).length > 0);
});
test('agreed rhythms: an age of a named kind of evidence passes, an unnamed kind does not', () => {
  assert.deepEqual(checkParams({ 'B2.3.1': { 'evidence.session.open': 60, evaluateEvery: 5 } }), []);
  assert.equal(checkParams({ 'B2.3.1': { 'evidence.session.shut': 60 } }).length, 1);
  assert.equal(checkParams({ 'B2.3.1': { evaluateEvery: 0 } }).length, 1);
});
