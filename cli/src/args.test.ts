import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCommand, parse } from './args.ts';
import type { Command } from './command.ts';
import { Failure } from './failure.ts';
import { both } from './language.ts';

const text = both('文字', 'text');
const command = (over: Partial<Command> & { readonly name: string }): Command => ({
  summary: text,
  examples: [],
  run: () => Promise.resolve({ json: {}, text: '' }),
  ...over,
});
const commands: readonly Command[] = [
  command({ name: 'ledger' }),
  command({
    name: 'ledger show',
    arguments: [
      { name: 'LOG', summary: text },
      { name: 'INDEX', summary: text, optional: true },
    ],
    options: {
      kind: { type: 'string', summary: text },
      force: { type: 'boolean', short: 'f', summary: text },
      param: { type: 'string', multiple: true, summary: text },
    },
  }),
  command({
    name: 'device command',
    arguments: [{ name: 'DEVICE', summary: text, many: true }],
    options: { to: { type: 'string', required: true, summary: text } },
  }),
  command({ name: 'start', options: { data: { type: 'string', summary: text } } }),
];
const words = (line: string): readonly string[] => (line === '' ? [] : line.split(' '));
const run = (line: string) => {
  const meaning = parse(commands, words(line));
  assert.equal(meaning.kind, 'run');
  return meaning.parsed;
};

test('the longest name wins, options and arguments mix', () => {
  const { command: found, args, values } = run('ledger show master --kind x -f 5 --param a=1 --param b=2');
  assert.equal(found.name, 'ledger show');
  assert.deepEqual(args, ['master', '5']);
  assert.deepEqual({ ...values }, { kind: 'x', force: true, param: ['a=1', 'b=2'] });
  assert.equal(findCommand(commands, ['ledger', 'other'])?.name, 'ledger');
});

test('options of every command may stand in front', () => {
  const { values, args } = run('--json --lang zh --profile=b ledger show master');
  assert.deepEqual({ ...values }, { json: true, lang: 'zh', profile: 'b' });
  assert.deepEqual(args, ['master']);
});

test('options of every command may stand behind it too, and in front of what the platform runs', () => {
  const { args, values } = run('--lang zh start --json --data dir --profile=x');
  assert.deepEqual(args, []);
  assert.deepEqual({ ...values }, { lang: 'zh', json: true, data: 'dir', profile: 'x' });
});

const faults = [
  { name: 'unknown command, with the near one', line: 'ledger shw', want: /no command ledger shw|unexpected/ },
  { name: 'unknown command', line: 'frobnicate', want: /there is no command frobnicate/ },
  { name: 'missing argument', line: 'ledger show', want: /LOG is missing/ },
  { name: 'surplus argument', line: 'ledger show a 1 2', want: /unexpected argument 2/ },
  { name: 'unknown option', line: 'ledger show a --nope', want: /--nope/ },
  { name: 'option without its value', line: 'ledger show a --kind', want: /--kind/ },
  { name: 'missing option', line: 'device command d', want: /--to is missing/ },
];
for (const { name, line, want } of faults)
  test(`wrong usage: ${name}`, () => {
    assert.throws(() => parse(commands, words(line)), { name: 'Failure', kind: 'usage', message: want });
  });

const saidTwice = [
  ['start --bogus', '没有选项 --bogus', 'there is no option --bogus'],
  ['start --data', '选项 --data 缺少值', '--data needs a value'],
  ['start --data --json', '选项 --data 缺少值；值以 - 开头时请写作 --data=值', /^--data needs a value; /],
  ['ledger show a --force=1', '选项 --force 不带值', '--force takes no value'],
] as const;
for (const [line, zh, en] of saidTwice)
  test(`wrong usage is said in both languages: ${line}`, () => {
    assert.throws(
      () => parse(commands, words(line)),
      (error: unknown) => {
        assert.ok(error instanceof Failure);
        assert.equal(error.what.zh, zh);
        assert.match(error.what.en, typeof en === 'string' ? new RegExp(`^${en}$`) : en);
        return true;
      },
    );
  });

const helps = [
  { line: '', words: [], asked: false },
  { line: '--help', words: [], asked: true },
  { line: 'help ledger show', words: ['ledger', 'show'], asked: true },
  { line: 'ledger show --help', words: ['ledger', 'show'], asked: true },
  { line: 'device', words: ['device'], asked: false },
  { line: 'device --help', words: ['device'], asked: true },
  { line: 'start --data x --help', words: ['start'], asked: true },
];
for (const { line, words: about, asked } of helps)
  test(`help: pactgate ${line}`, () => {
    const meaning = parse(commands, words(line));
    assert.equal(meaning.kind, 'help');
    assert.deepEqual(meaning.kind === 'help' && [meaning.words, meaning.asked], [about, asked]);
  });
