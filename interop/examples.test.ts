import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
  CommandResult,
  EmptyMessage,
  isMessage,
  PortsMessage,
  parseUplinkTopic,
  SecurityReport,
  SelftestMessage,
  StateMessage,
  type UplinkKind,
  uplinks,
  VersionMessage,
} from '@pactgate/protocol';
import { checkModelFile, readSbom } from '../platform/src/duties/baseline/index.ts';
import { checkManifest, compileManifest, MessageWriter, minimise } from '../platform/src/duties/data/index.ts';
import { days, instant } from '../platform/src/kernel/time.ts';
import { root } from '../tools/live/process.ts';

const now = instant('2026-12-01T00:00:00Z');
const read = (file: string): string => readFileSync(path.join(root, 'docs', file), 'utf8');
const example = (name: string): unknown => JSON.parse(read(`examples/${name}.json`));
const context = { party: 'acme', agreement: '01890a5d-ac96-774b-bcce-b302099a8057', model: 'pump-2', now };

test('the example files of a model are such as the platform takes', () => {
  assert.equal(checkModelFile(example('model-file'), context).ok, true);
  assert.equal(readSbom(example('sbom')).ok, true);
  const limits = { ...context, maxRetention: days(3 * 365), reviewMaxAge: days(365) };
  assert.equal(checkManifest(example('manifest'), limits).ok, true);
});

test('docs/devices.md shows a message of every topic, each such as the platform takes', () => {
  const schemas = {
    version: VersionMessage,
    ports: PortsMessage,
    selftest: SelftestMessage,
    state: StateMessage,
    event: SecurityReport,
    'command-accepted': EmptyMessage,
    'command-result': CommandResult,
    'notice-ack': EmptyMessage,
  } as const;
  const checked = checkManifest(example('manifest'), {
    ...context,
    maxRetention: days(3 * 365),
    reviewMaxAge: days(365),
  });
  assert.ok(checked.ok);
  const channel = compileManifest(checked.manifest).channels.get('status');
  assert.ok(channel);
  const seen = new Set<UplinkKind>();
  for (const [, topic = '', body = ''] of read('devices.md').matchAll(/^\| `(v1\/me\/up\/[^`]*)`\s*\| `([^`]*)`/gm)) {
    const kind = parseUplinkTopic(topic)?.row.kind;
    assert.ok(kind, topic);
    seen.add(kind);
    if (kind === 'telemetry') {
      const out = new MessageWriter();
      assert.equal(minimise(channel, new TextEncoder().encode(body), out), undefined);
      assert.equal(out.undeclared, 0);
    } else assert.ok(isMessage(schemas[kind], JSON.parse(body)), topic);
  }
  assert.deepEqual([...seen].toSorted(), uplinks.map(({ kind }) => kind).toSorted());
});
