import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

type Table = Readonly<Record<string, readonly string[]>>;
/** What each package may import of the others. Those in `portable` run in browsers: no `node:` module. */
const packages: Table = {
  agreement: [],
  protocol: ['agreement'],
  proof: ['agreement', 'protocol'],
  device: ['protocol', 'proof'],
  platform: ['agreement', 'protocol', 'proof'],
  console: ['agreement', 'protocol', 'proof'],
  cli: ['agreement', 'protocol', 'proof', 'device'],
  sim: ['protocol', 'proof', 'device'],
};
const portable = new Set(['agreement', 'protocol', 'proof', 'console']);

/** Rings of platform/src: a ring may import itself and the rings named here. Imports only point down. */
const rings: Table = {
  kernel: [],
  parties: ['kernel'],
  duties: ['parties', 'kernel'],
  ledger: ['kernel'],
  flow: ['duties', 'ledger', 'parties', 'kernel'],
  store: ['flow', 'duties', 'ledger', 'parties', 'kernel'],
  adapters: ['flow', 'duties', 'ledger', 'parties', 'kernel'],
  gateway: ['flow', 'duties', 'kernel'],
  api: ['flow', 'duties', 'ledger', 'parties', 'kernel'],
  /** The composition root, in files: joins everything, and nothing imports it but main.ts. */
  compose: ['api', 'gateway', 'adapters', 'store', 'flow', 'duties', 'ledger', 'parties', 'kernel'],
};
/** One duty may use another only if it says so here. */
const dutyMayUse: Table = { access: ['identity'], updates: ['identity'], detection: ['identity', 'data'] };
const notSource = ['node_modules/**', 'dist/**', '**/*.{test,config}.ts', '**/testing/**', '**/testing.ts', 'test/**'];
const pure = new Set(['kernel', 'parties', 'duties', 'ledger', 'flow']);
const pureMayUse = /^(typebox|@pactgate\/\w+)(\/|$)/;
const impure =
  /\b(Date\.now|new Date\(\)|Math\.random|(Temporal\.N|performance\.n)ow|(crypto|process|console)\.(subtle|get|random|env|hr|log|err|warn)|set(Timeout|Interval|Immediate)|fetch\()/;

const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:^|[\s;}])(?:from|import)\s*\(?\s*['"]([^'"\n]+)['"]/g)].map(([, spec = '']) => spec);
/** `duties/channel/floor.ts` is ring `duties`, module `duties/channel`. */
const place = (file: string): { ring: string; module: string } => {
  const [ring = '', second = ''] = file.split('/');
  return { ring, module: ring === 'duties' ? `duties/${second}` : ring };
};

type Place = ReturnType<typeof place>;
function isAllowed(from: Place, to: Place): boolean {
  if (from.ring === 'duties' && to.ring === 'duties')
    return dutyMayUse[from.module.slice(7)]?.includes(to.module.slice(7)) === true;
  return to.ring === from.ring || rings[from.ring]?.includes(to.ring) === true;
}

/** What is wrong with one relative import of a file of platform/src; undefined: nothing. */
function relativeFault(file: string, spec: string): string | undefined {
  const from = place(file);
  const target = path.join(path.dirname(file), spec);
  const to = place(target);
  if (to.module === from.module) return undefined;
  if (from.ring === 'compose' && target === 'config.ts') return undefined; // the one file that main.ts reads too
  if (!isAllowed(from, to)) return `${from.module} may not import ${to.module}: ${spec}`;
  return to.ring === 'duties' && path.basename(target) !== 'index.ts' ? `past the public face: ${spec}` : undefined;
}

function importFault(file: string, spec: string): string | undefined {
  if (spec.startsWith('.')) return relativeFault(file, spec);
  const { ring } = place(file);
  return pure.has(ring) && !pureMayUse.test(spec) ? `${ring} is pure: ${spec}` : undefined;
}

/** What is wrong with one file of platform/src. */
function ringFaults(file: string, text: string): string[] {
  const { ring } = place(file);
  if (ring.endsWith('.ts')) return []; // main.ts, config.ts: the composition root sees everything
  if (!(ring in rings)) return [`unknown ring ${ring}`];
  const clock = pure.has(ring) && impure.test(text) ? ['pure: take time, randomness and I/O as arguments'] : [];
  return [...clock, ...importsOf(text).flatMap((spec) => importFault(file, spec) ?? [])];
}

/** What is wrong with one source file of a package, whatever package it is. */
function fileFaults(name: string, file: string, text: string, declared: readonly string[]): string[] {
  const faults: string[] = [];
  if (/^export \*/m.test(text)) faults.push('name what you export');
  if (/\bimport\(\s*[^'"\s]/.test(text)) faults.push('import() takes a literal');
  for (const spec of importsOf(text)) {
    const known = declared.some((dep) => spec === dep || spec.startsWith(`${dep}/`));
    if (spec.startsWith('.')) {
      if (path.join(file, '..', spec).startsWith('..')) faults.push(`leaves its package: ${spec}`);
    } else if (!(spec.startsWith('node:') ? !portable.has(name) : known)) faults.push(`${name} may not import ${spec}`);
  }
  if (name === 'platform') faults.push(...ringFaults(path.relative('src', file), text));
  return faults;
}

const manifestFaults = (name: string, declared: readonly string[]): string[] =>
  declared
    .filter((dep) => dep.startsWith('@pactgate/') && !packages[name]?.includes(dep.slice(10)))
    .map((dep) => `${name} may not depend on ${dep}`);

for (const name of Object.keys(packages)) {
  const dir = path.join(import.meta.dirname, name);
  const manifest = JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8')) as { dependencies?: object };
  const declared = Object.keys(manifest.dependencies ?? {});
  const files = globSync('**/*.{ts,tsx}', { cwd: dir, exclude: notSource });
  test(`manifest of ${name}`, () => {
    assert.ok(files.length > 0, 'nothing was checked');
    assert.deepEqual(manifestFaults(name, declared), []);
  });
  test(`imports of ${name}: ${files.length} files`, () => {
    const faults = files.flatMap((file) =>
      fileFaults(name, file, readFileSync(path.join(dir, file), 'utf8'), declared).map((fault) => `${file}: ${fault}`),
    );
    assert.deepEqual(faults, []);
  });
}

/** Planted faults, each of which the checks above must see: the test's own test. */
const planted: readonly { name: string; pack: string; file: string; text: string }[] = [
  { name: 'node: in a pure ring', pack: 'platform', file: 'src/flow/x.ts', text: `import fs from 'node:fs';` },
  {
    name: 'kysely in a pure ring',
    pack: 'platform',
    file: 'src/duties/data/x.ts',
    text: `import { sql } from 'kysely';`,
  },
  { name: 'clock', pack: 'platform', file: 'src/kernel/x.ts', text: 'export const x = Date.now();' },
  { name: 'timer', pack: 'platform', file: 'src/flow/x.ts', text: 'setTimeout(() => 1, 2);' },
  { name: 'uuid', pack: 'platform', file: 'src/parties/x.ts', text: 'const id = crypto.randomUUID();' },
  { name: 'environment', pack: 'platform', file: 'src/ledger/x.ts', text: 'const home = process.env;' },
  { name: 'upward import', pack: 'platform', file: 'src/kernel/x.ts', text: `import { a } from '../flow/a.ts';` },
  {
    name: 'upward type',
    pack: 'platform',
    file: 'src/duties/data/x.ts',
    text: `import type { a } from '../../flow/a.ts';`,
  },
  {
    name: 'multi-line',
    pack: 'platform',
    file: 'src/parties/x.ts',
    text: `import {\n a,\n} from '../duties/data/index.ts';`,
  },
  { name: 'side effect', pack: 'platform', file: 'src/parties/x.ts', text: `import '../duties/data/index.ts';` },
  {
    name: 'undeclared duty',
    pack: 'platform',
    file: 'src/duties/data/x.ts',
    text: `import { a } from '../access/index.ts';`,
  },
  { name: 'past a face', pack: 'platform', file: 'src/flow/x.ts', text: `import { a } from '../duties/data/seal.ts';` },
  {
    name: 'ledger to duties',
    pack: 'platform',
    file: 'src/ledger/x.ts',
    text: `import { a } from '../duties/data/index.ts';`,
  },
  { name: 'gateway to store', pack: 'platform', file: 'src/gateway/x.ts', text: `import { a } from '../store/a.ts';` },
  { name: 'unknown ring', pack: 'platform', file: 'src/utils/x.ts', text: '' },
  { name: 'export *', pack: 'proof', file: 'x.ts', text: `export * from './y.ts';` },
  { name: 'computed import', pack: 'cli', file: 'x.ts', text: 'await import(name);' },
  { name: 'node: in proof', pack: 'proof', file: 'x.ts', text: `import fs from 'node:fs';` },
  { name: 'node: in console', pack: 'console', file: 'src/x.tsx', text: `import fs from 'node:fs';` },
  { name: 'bare fs', pack: 'cli', file: 'x.ts', text: `import fs from 'fs';` },
  { name: 'undeclared package', pack: 'device', file: 'x.ts', text: `import { sql } from 'kysely';` },
  { name: 'leaves its package', pack: 'cli', file: 'x.ts', text: `import { a } from '../proof/a.ts';` },
];
for (const { name, pack, file, text } of planted)
  test(`planted fault is seen: ${name}`, () =>
    assert.notDeepEqual(fileFaults(pack, file, text, ['@pactgate/protocol']), []));
test('planted fault is seen: a manifest that names the platform', () =>
  assert.notDeepEqual(manifestFaults('cli', ['@pactgate/platform']), []));
