import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locales } from '@pactgate/protocol';
import { type RouteName, routes } from '@pactgate/protocol/api';
import { parse } from './args.ts';
import { globalOptions } from './command.ts';
import { helpOf, overview } from './help.ts';
import { commands } from './table.ts';

const chinese = /[\u4e00-\u9fff]/;

test('every operation of the REST API has a command', () => {
  const used = new Set(commands.flatMap(({ uses = [] }) => uses));
  const missing = (Object.keys(routes) as RouteName[]).filter((name) => !used.has(name));
  assert.deepEqual(missing, []);
});

test('names are unique, one to three words', () => {
  const names = commands.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[a-z-]+( [a-z-]+){0,2}$/);
});

for (const command of commands) {
  test(`pactgate ${command.name}: both languages, options that parse, examples that parse`, () => {
    const texts = [
      command.summary,
      ...(command.arguments ?? []).map(({ summary }) => summary),
      ...Object.values(command.options ?? {}).map(({ summary }) => summary),
    ];
    for (const { zh, en } of texts) {
      assert.ok(zh.length > 0 && en.length > 0);
      assert.doesNotMatch(en, chinese);
    }
    assert.match(command.summary.zh, chinese);
    for (const name of Object.keys(command.options ?? {})) assert.ok(!(name in globalOptions), `--${name} is taken`);
    assert.ok(command.examples.length > 0, 'no example');
    for (const example of command.examples) {
      // as a shell would split it, as far as our examples go
      const words = [...example.replace(/ > .*/, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
        ([, a, b, c]) => a ?? b ?? c ?? '',
      );
      const meaning = parse(commands, words);
      assert.ok(meaning.kind === 'run' && meaning.parsed.command === command, example);
    }
  });
}

test('help is made of the table, in both languages', () => {
  for (const locale of locales) {
    const all = overview(commands, locale);
    for (const command of commands) {
      assert.ok(all.includes(command.summary[locale]));
      const help = helpOf(command, locale);
      for (const name of Object.keys({ ...command.options, ...globalOptions })) assert.ok(help.includes(`--${name}`));
      for (const { name } of command.arguments ?? []) assert.ok(help.includes(name));
    }
  }
  assert.ok(!overview(commands, 'en', 'device').includes('agreement sign'));
});
