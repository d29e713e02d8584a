import { randomInt } from 'node:crypto';
import path from 'node:path';
import { readIfThere } from '@pactgate/device';
import {
  type Anchors,
  decodeBase64,
  encodeBase64,
  type LiveVerdict,
  type LogState,
  type LogSummary,
  makeEvaluator,
  parseAnchors,
  sha256,
  type VerifyFinding,
  verifyBundle,
  verifyLive,
} from '@pactgate/proof';
import type { Locale, Texts } from '@pactgate/protocol';
import type { Command, Input } from '../command.ts';
import { Failure } from '../failure.ts';
import { readBytes, readSecret, writePrivate } from '../files.ts';
import { fetchRoot } from '../https.ts';
import { both } from '../language.ts';
import { livePort } from '../live-port.ts';
import { counted, type Output, plain, time } from '../output.ts';
import { profileFile, readProfile, readServer } from '../profile.ts';
import { openSession } from '../session.ts';

interface Verdict {
  readonly exitCode: number;
  readonly findings: readonly VerifyFinding[];
  readonly logs: readonly LogSummary[];
  /** Of a running platform only: what was drawn from each log; a bundle is verified whole. */
  readonly samples?: LiveVerdict['samples'];
  /** Of a running platform only: every log was compared with an earlier visit. */
  readonly grown?: boolean;
}

const conclusions: Readonly<Record<number, Texts>> = {
  0: both('有效：所有内容均经验证。', 'VALID: everything was verified.'),
  1: both(
    '无效：至少一项不成立，请勿信任其内容。',
    'INVALID: at least one thing is false. Do not believe the content.',
  ),
  2: both(
    '有效但不完整：所列内容缺失或未能重算，其余均成立。',
    'VALID BUT INCOMPLETE: what is listed is missing or was not recomputed; the rest holds.',
  ),
  3: both('见证过旧：内容成立，但近期没有见证方确认。', 'STALE: it holds, but no witness has looked lately.'),
};
/** Begins the conclusion about a running platform whose sample holds; {@link sampled} ends it. */
const heldSoFar = {
  grown: both('目前有效：签名与增长均成立', 'VALID so far: signatures and growth hold'),
  first: both(
    '目前有效：签名成立；尚无以往所见可比对增长，本次所见已记下',
    'VALID so far: signatures hold; growth has nothing earlier to be compared with yet, this visit is remembered',
  ),
};

/** How much of a running platform's logs a verdict rests on. */
function sampled(logs: readonly LogSummary[]): Texts {
  const records = logs.reduce((sum, { leaves }) => sum + leaves, 0);
  const all = logs.reduce((sum, { size }) => sum + size, 0);
  return both(
    `随机抽查验证了 ${all} 条记录中的 ${records} 条。`,
    `${records} of ${counted(all, 'record')}, drawn at random, ${records === 1 ? 'was' : 'were'} verified.`,
  );
}

/** What follows from the findings. A sample never concludes that everything was verified. */
function conclusionOf({ exitCode, logs, samples, grown }: Verdict, locale: Locale): string {
  const bundle = conclusions[exitCode]?.[locale] ?? '';
  if (samples === undefined || exitCode === 1) return bundle;
  const rest = sampled(logs)[locale];
  if (exitCode === 0)
    return `${heldSoFar[grown === true ? 'grown' : 'first'][locale]}${locale === 'zh' ? '；' : '; '}${rest}`;
  return locale === 'zh' ? `${bundle}${rest}` : `${bundle} ${rest}`;
}

/** Said without a tick: nothing about these bodies was checked. */
const unread = both(
  '抽查记录的正文在此均不可读，未与承诺值比对',
  'no body of these records may be read here: none was compared with what was committed to',
);

const marks: Readonly<Record<string, string>> = { invalid: '✗', incomplete: '○', stale: '○' };

/** Lines of every finding by log, and of what could not be looked at. */
function groupsOf({ findings, samples = [] }: Verdict, locale: Locale): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const finding of findings) {
    const mark = finding.ok ? '✓' : (marks[finding.severity] ?? '✗');
    const lines = groups.get(finding.log ?? '') ?? [];
    lines.push(`  ${mark} ${plain(finding.text[locale])}`);
    groups.set(finding.log ?? '', lines);
  }
  for (const { origin, records, bodies } of samples)
    if (records > 0 && bodies === 0) groups.get(origin)?.push(`  - ${unread[locale]}`);
  return groups;
}

/** Every finding in words, grouped by log, then what follows. */
export function verdictText(verdict: Verdict, locale: Locale): string {
  const whole = locale === 'zh' ? '总体' : 'in all';
  const shown = [...groupsOf(verdict, locale)].map(
    ([log, lines]) => `${log === '' ? whole : plain(log)}\n${lines.join('\n')}`,
  );
  const witnessed = verdict.logs.map(({ origin, size, leaves, witnessedAt }) => {
    const seen = witnessedAt === undefined ? '-' : time(witnessedAt * 1_000);
    return locale === 'zh'
      ? `${plain(origin)}：${size} 条，验证 ${leaves} 条，见证 ${seen}`
      : `${plain(origin)}: ${counted(size, 'record')}, ${leaves} verified, witnessed ${seen}`;
  });
  return [...shown, witnessed.join('\n'), conclusionOf(verdict, locale)].filter((part) => part !== '').join('\n\n');
}

const outputOf = (verdict: Verdict, locale: Locale): Output => {
  const { exitCode, findings, logs, samples } = verdict;
  const drawn = samples === undefined ? {} : { samples };
  const json = { exitCode, valid: exitCode === 0, findings, logs, ...drawn };
  return { json, text: verdictText(verdict, locale), exitCode };
};

/** Options of both ways of verifying. */
function common(input: Input) {
  const maxWitnessAge = input.whole('max-witness-age', 1);
  return { now: Date.now(), evaluator: makeEvaluator(), ...(maxWitnessAge === undefined ? {} : { maxWitnessAge }) };
}

async function verifyFile(input: Input, file: string, anchors: Anchors): Promise<Output> {
  input.context.step(both('验证证据包', 'verifying the bundle'));
  const bytes = await readBytes(file, 256 * 1_024 * 1_024);
  return outputOf(await verifyBundle(bytes, anchors, common(input)), input.context.locale);
}

/** Heads of earlier visits; a file of our own. */
async function readSeen(file: string): Promise<readonly LogState[]> {
  const text = await readIfThere(file);
  if (text === undefined) return [];
  try {
    const heads = JSON.parse(text) as readonly {
      readonly origin: string;
      readonly size: number;
      readonly root: string;
    }[];
    return heads.map(({ origin, size, root }) => ({ origin, size, root: decodeBase64(root) }));
  } catch (cause) {
    throw new Failure(
      'unavailable',
      both(`${file} 已损坏`, `${file} is damaged`),
      both(
        '请从备份恢复；删除它则不再与以往比较。',
        'Restore it from a backup; without it nothing is compared with earlier visits.',
      ),
      { cause },
    );
  }
}

/** Token of `--token-file`, or of the profile where it belongs to this server; a stranger sees the public log only. */
async function tokenFor(input: Input, server: URL): Promise<{ readonly token?: string }> {
  const file = input.text('token-file');
  if (file !== undefined) return { token: await readSecret(file) };
  const { environment } = input.context;
  const profile = await readProfile(profileFile(input.text('profile'), input.text('profile-dir'), environment));
  return profile?.server === server.origin && profile.token !== undefined ? { token: profile.token } : {};
}

async function verifyServer(input: Input, address: string, anchors: Anchors): Promise<Output> {
  const { locale, signal, step } = input.context;
  const server = readServer(address);
  const seenFile = path.resolve(input.text('state') ?? `${input.demand('policy')}.seen`);
  const remembered = await readSeen(seenFile);
  const { rootSha256 } = anchors;
  const rootPem = await fetchRoot(server, rootSha256);
  const token = await tokenFor(input, server);
  const session = openSession({
    profile: { v: 1, server: server.origin, rootSha256, rootPem, ...token },
    locale,
    signal,
  });
  try {
    step(both('验证运行中的平台', 'verifying the running platform'));
    const samples = input.whole('samples', 1, 1_000);
    const verdict = await verifyLive(livePort(session, anchors.agreement), anchors, {
      ...common(input),
      remembered,
      random: (bound) => randomInt(bound),
      ...(samples === undefined ? {} : { samples }),
    });
    const heads = verdict.remember.map(({ origin, size, root }) => ({ origin, size, root: encodeBase64(root) }));
    if (heads.length > 0) await writePrivate(seenFile, `${JSON.stringify(heads, null, 2)}\n`);
    const grown = verdict.logs.every(({ origin }) => remembered.some((state) => state.origin === origin));
    return outputOf({ ...verdict, grown }, locale);
  } finally {
    session.close();
  }
}

async function verify(input: Input): Promise<Output> {
  const target = input.arg(0);
  const anchors = parseAnchors({ sha256 }, await readBytes(input.demand('policy'), 262_144));
  return target.startsWith('https://') ? verifyServer(input, target, anchors) : verifyFile(input, target, anchors);
}

export const verifyCommands: readonly Command[] = [
  {
    name: 'verify',
    summary: both(
      '以自己的信任锚验证证据包或运行中的平台。退出码：0 有效，1 无效，2 不完整，3 见证过旧',
      'verify a bundle or a running platform by your own trust anchors. Exit codes: 0 valid, 1 invalid, 2 incomplete, 3 witness too old',
    ),
    arguments: [
      {
        name: 'BUNDLE|URL',
        summary: both('证据包文件，或平台的 https 地址', 'file of a bundle, or https address of a platform'),
      },
    ],
    options: {
      policy: {
        type: 'string',
        value: 'FILE',
        required: true,
        summary: both('信任锚（签署时写出的 policy.json）', 'trust anchors (policy.json, written at signing)'),
      },
      'max-witness-age': {
        type: 'string',
        value: 'SECONDS',
        summary: both('最新见证允许的时长（默认 86400）', 'age allowed for the newest witness (default: 86400)'),
      },
      samples: {
        type: 'string',
        value: 'N',
        summary: both('平台：每个账本抽查的条数（默认 16）', 'platform: records drawn from each log (default: 16)'),
      },
      state: {
        type: 'string',
        value: 'FILE',
        summary: both('平台：以往所见（默认 信任锚.seen）', 'platform: what earlier visits saw (default: POLICY.seen)'),
      },
    },
    examples: ['verify evidence.zip --policy policy.json', 'verify https://localhost:8443 --policy policy.json'],
    uses: ['checkpoint', 'record', 'agreementDocument', 'agreementSignatures'],
    run: verify,
  },
];
