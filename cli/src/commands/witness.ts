import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type PolicyLog, parseAnchors, parsePolicy, sha256 } from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import type { Command, Input } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { explain, Failure } from '../failure.ts';
import { readBytes } from '../files.ts';
import { both } from '../language.ts';
import { type Output, plain, table } from '../output.ts';
import { loadPartyKeys, partyDirectory, partyFiles } from '../party-keys.ts';
import { lock } from '../witness/lock.ts';
import { type LogOutcome, type WitnessParts, witnessLog } from '../witness/round.ts';

/** Logs to watch: those of the anchors written at signing, never a list the platform shows. */
async function watchedLogs(file: string): Promise<readonly PolicyLog[]> {
  const anchors = parseAnchors({ sha256 }, await readBytes(file, 262_144));
  return parsePolicy({ sha256 }, anchors.policy).logs;
}

async function round(input: Input, parts: WitnessParts, logs: readonly PolicyLog[]): Promise<readonly LogOutcome[]> {
  const outcomes: LogOutcome[] = [];
  for (const { key } of logs) {
    input.context.step(both(`见证 ${key.name}`, `witnessing ${key.name}`));
    outcomes.push(await witnessOne(input, parts, key));
  }
  return outcomes;
}

/** A platform that cannot be reached, or that refuses, does not end the round: the other logs still count. */
async function witnessOne(input: Input, parts: WitnessParts, key: PolicyLog['key']): Promise<LogOutcome> {
  try {
    return await witnessLog(parts, key);
  } catch (cause) {
    const passing = cause instanceof Problem || (cause instanceof Failure && cause.kind === 'unavailable');
    if (!passing || input.context.signal.aborted) throw cause;
    const { code, detail } = explain(cause, 'en');
    return { origin: key.name, outcome: 'waiting', why: `${code}: ${detail}` };
  }
}

const words = {
  cosigned: both('已联署', 'cosigned'),
  empty: both('尚无条目', 'empty'),
  waiting: both('未完成', 'waiting'),
  invalid: both('无效', 'invalid'),
  conflict: both('冲突', 'CONFLICT'),
};

function shown(outcomes: readonly LogOutcome[], locale: 'zh' | 'en'): string {
  const head = locale === 'zh' ? ['账本', '结果', '条目', '说明'] : ['log', 'outcome', 'size', 'why'];
  return table(
    head,
    outcomes.map((one) => [
      one.origin,
      words[one.outcome][locale],
      one.outcome === 'cosigned' ? one.size : undefined,
      'why' in one ? one.why : undefined,
    ]),
  );
}

/** Says it so that nobody overlooks it. */
function cryOut(input: Input, outcomes: readonly LogOutcome[]): void {
  const { locale, note } = input.context;
  for (const one of outcomes) {
    if (one.outcome !== 'conflict') continue;
    const rule = '!'.repeat(72);
    const told = one.reported
      ? both('已报告平台', 'reported to the platform')
      : both('未能报告平台', 'could not be reported to the platform');
    const what =
      locale === 'zh'
        ? `账本 ${one.origin} 的历史被撤回或改写（${one.kind}）：${plain(one.why)}\n${told.zh}；不再联署该账本。请保存下列文件并通知双方负责人。`
        : `History of ${one.origin} was taken back or rewritten (${one.kind}): ${plain(one.why)}\n${told.en}; it is not cosigned any more. Keep these files and tell the people in charge of both parties.`;
    note([rule, what, ...one.files, rule].join('\n'));
  }
}

function exitCodeOf(outcomes: readonly LogOutcome[]): number {
  if (outcomes.some(({ outcome }) => outcome === 'conflict' || outcome === 'invalid')) return exitCodes.refused;
  return outcomes.some(({ outcome }) => outcome === 'waiting') ? exitCodes.unavailable : exitCodes.ok;
}

async function repeat(input: Input, parts: WitnessParts, logs: readonly PolicyLog[]): Promise<Output> {
  const { signal, note, step, locale, json } = input.context;
  const seconds = input.whole('interval', 1, 3_600) ?? 30;
  let rounds = 0;
  let last: readonly LogOutcome[] = [];
  while (!signal.aborted) {
    try {
      last = await round(input, parts, logs);
      rounds++;
      cryOut(input, last);
      if (last.some(({ outcome }) => outcome === 'conflict')) break;
      step(undefined);
      if (!json) note(shown(last, locale));
      await wait(seconds * 1_000, undefined, { signal });
    } catch (cause) {
      if (!signal.aborted) throw cause;
    }
  }
  const conflict = last.some(({ outcome }) => outcome === 'conflict');
  return { json: { rounds, logs: last }, text: '', exitCode: conflict ? exitCodes.refused : exitCodes.ok };
}

async function witness(input: Input): Promise<Output> {
  const session = await input.context.session();
  const keysAt = partyDirectory(input.text('dir'), session.profile);
  const keys = await loadPartyKeys(keysAt);
  const logs = await watchedLogs(input.text('policy') ?? path.join(keysAt, partyFiles.policy));
  const directory = path.join(keysAt, partyFiles.witness);
  const release = await lock(directory);
  try {
    const parts = { session, signer: keys.witness, directory, now: Date.now };
    if (!input.flag('once')) return await repeat(input, parts, logs);
    const outcomes = await round(input, parts, logs);
    cryOut(input, outcomes);
    return {
      json: { rounds: 1, logs: outcomes },
      text: shown(outcomes, input.context.locale),
      exitCode: exitCodeOf(outcomes),
    };
  } finally {
    await release();
  }
}

export const witnessCommands: readonly Command[] = [
  {
    name: 'witness',
    summary: both('设备方：见证账本只增不改，并提交联署', 'device party: see that the logs only grow, and cosign them'),
    options: {
      dir: {
        type: 'string',
        value: 'DIR',
        summary: both('密钥目录，见证状态也在其中', 'directory of the keys; the memory of the witness lies there too'),
      },
      policy: {
        type: 'string',
        value: 'FILE',
        summary: both('信任锚（默认 DIR/policy.json）', 'trust anchors (default: DIR/policy.json)'),
      },
      once: { type: 'boolean', summary: both('只做一轮', 'one round only') },
      interval: {
        type: 'string',
        value: 'SECONDS',
        summary: both('两轮之间的秒数（默认 30）', 'seconds between rounds (default: 30)'),
      },
    },
    examples: ['witness --once', 'witness --dir ./acme-keys --interval 60'],
    uses: ['checkpoint', 'cosign', 'reportConflict'],
    run: witness,
  },
];
