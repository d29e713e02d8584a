import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

const directory = await mkdtemp(path.join(tmpdir(), 'pactgate-operator-'));
after(() => rm(directory, { recursive: true }));
const launcher = path.resolve(import.meta.dirname, '../../../bin/pactgate');

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
/** The command as the operator of the machine runs it, in an empty directory. */
const pactgate = (words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Run> =>
  new Promise((resolve) => {
    const env = { ...process.env, LANG: 'C', LC_ALL: 'C', ...environment };
    execFile(launcher, words, { cwd: directory, env }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err }),
    );
  });
const errorIn = ({ out }: Run): Readonly<Record<string, unknown>> =>
  (JSON.parse(out) as { readonly error: Readonly<Record<string, unknown>> }).error;

for (const [line, zh] of [
  ['backup', '缺少 --output'],
  ['restore', '缺少 --input'],
  ['init --bogus', '没有选项 --bogus'],
  ['start extra', '多余的参数 extra'],
  ['config show --nope', '没有选项 --nope'],
] as const)
  test(`pactgate ${line}: refused in the command line's own form, in the language`, async () => {
    const shown = await pactgate([...line.split(' '), '--lang', 'zh']);
    assert.deepEqual([shown.code, shown.out], [64, '']);
    assert.equal(shown.err, `错误: cli/usage: 用法错误\n原因: ${zh}\n下一步: 请用 --help 查看用法。\n`);
    const json = await pactgate([...line.split(' '), '--json']);
    assert.deepEqual([json.code, errorIn(json)['code'], json.err], [64, 'cli/usage', '']);
  });

test('what the platform refuses has the same form', async () => {
  const wrong = { PACTGATE_MQTT_PORT: 'x' };
  const shown = await pactgate(['init', '--lang', 'zh'], wrong);
  assert.equal(shown.code, 78);
  assert.match(shown.err, /^错误: start\/config-invalid: .+\n原因: mqtt\.port .+\n下一步: .+\n$/);
  const json = await pactgate(['init', '--json'], wrong);
  assert.equal(json.code, 78);
  assert.deepEqual(Object.keys(errorIn(json)), ['code', 'title', 'detail', 'next']);
});

test('config show: key, variable, value and description; one object for programs', async () => {
  const set = { PACTGATE_MQTT_PORT: '2883' };
  const en = await pactgate(['config', 'show'], set);
  assert.equal(en.code, 0, en.err);
  assert.match(en.out, /^key +variable +value +description\n/);
  assert.match(en.out, /^mqtt\.port +PACTGATE_MQTT_PORT +2883 +MQTT over mutual TLS/m);
  const zh = await pactgate(['config', 'show', '--lang', 'zh'], set);
  assert.match(zh.out, /^mqtt\.port +PACTGATE_MQTT_PORT +2883 +MQTT（双向 TLS）端口/m);
  const json = await pactgate(['config', 'show', '--json'], set);
  assert.equal((JSON.parse(json.out) as { readonly mqtt: { readonly port: number } }).mqtt.port, 2_883);
  assert.equal(json.out.trimEnd().split('\n').length, 1);
});
