import type { Texts } from '@pactgate/protocol';
import { whyTextsB } from './why-texts-b.ts';

/** Reasons of the platform party's rows (3.1 to 3.6) and those of every row. */
const whyTextsA = {
  'case/contained': {
    en: '{severity}, contained after {took} (limit {limit})',
    zh: '{severity}，{took}后遏制（上限 {limit}）',
  },
  'case/late': {
    en: '{severity}, contained only after {took}, limit {limit}',
    zh: '{severity}，{took}后才遏制，上限 {limit}',
  },
  'case/open': {
    en: '{severity}, confirmed {took} ago, to be contained within {limit}',
    zh: '{severity}，确认已{took}，须在{limit}内遏制',
  },
  'case/uncontained': {
    en: '{severity}, confirmed {took} ago and not contained, limit {limit}',
    zh: '{severity}，确认已{took}仍未遏制，上限 {limit}',
  },
  'challenge/late': {
    en: 'challenge {challenge} open for {age}, limit {limit}',
    zh: '质询 {challenge} 已{age}未解决，上限 {limit}',
  },
  'challenge/open': {
    en: 'challenge {challenge} open for {age}, to be resolved within {limit}',
    zh: '质询 {challenge} 已提出{age}，须在{limit}内解决',
  },
  'clock/good': {
    en: 'clock off by {offset} ± {uncertainty} ({method}), at most {limit}',
    zh: '时钟偏差 {offset} ± {uncertainty}（{method}），上限 {limit}',
  },
  'clock/off': {
    en: 'clock off by {offset} ± {uncertainty} ({method}), at most {limit} allowed',
    zh: '时钟偏差 {offset} ± {uncertainty}（{method}），超过上限 {limit}',
  },
  'clock/uncertain': {
    en: 'clock offset {offset} ± {uncertainty} ({method}): too coarse for a limit of {limit}',
    zh: '时钟偏差 {offset} ± {uncertainty}（{method}），精度不足以评判上限 {limit}',
  },
  'decide/diverged': {
    en: '{other} of {samples} replayed decisions came out otherwise; for example {sample}',
    zh: '重放 {samples} 个决策中 {other} 个结果不同；例如 {sample}',
  },
  'decide/few-samples': {
    en: '{samples} decisions replayed in the last day, {wanted} wanted',
    zh: '最近一天重放决策 {samples} 个，应为 {wanted} 个',
  },
  'decide/good': {
    en: '{made} decisions recorded, as many as operations; {share} of the timed ones in time; replays agree',
    zh: '记录决策 {made} 个，与操作数一致；计时的决策 {share} 达标；重放结果一致',
  },
  'decide/slow': {
    en: '{share} of {timed} timed decisions within {within}, at least {limit} agreed',
    zh: '{timed} 个计时决策中 {share} 在{within}内完成，约定下限 {limit}',
  },
  'decide/unequal': {
    en: '{decisions} decisions for {operations} operations in the window from {from}',
    zh: '自 {from} 起的窗口内操作 {operations} 次，决策 {decisions} 次',
  },
  'decide/untimed': { en: 'no decision was timed against the agreed limit', zh: '没有按约定时限计时的决策' },
  'evaluator/changed': {
    en: 'judged by another evaluator ({evaluator}) and not yet again',
    zh: '由另一评估器（{evaluator}）评判，尚未重新评判',
  },
  'evidence/missing': { en: 'no record of {kind}', zh: '没有 {kind} 记录' },
  'evidence/stale': {
    en: 'last {kind} is {old} old, counts for {limit}',
    zh: '最近的 {kind} 已有{old}，有效期 {limit}',
  },
  'export/late': { en: 'the last export took {took}, limit {limit}', zh: '最近一次导出用时 {took}，上限 {limit}' },
  'isolate/leak': { en: 'at level {level} this went through: {what}', zh: '隔离级别 {level} 下放行了：{what}' },
  'isolate/leak-device': { en: 'isolated, yet {what} at {at}', zh: '已隔离，{at} 仍出现 {what}' },
  'isolate/no-leak-since': { en: 'nothing went through since {what} at {at}', zh: '自 {at} 的 {what} 以来未再放行' },
  'isolate/tight': {
    en: '{tried} forbidden operations tried at level {level}, none went through ({age} ago)',
    zh: '隔离级别 {level} 下尝试 {tried} 个禁止操作，均被拒绝（{age}前）',
  },
  'isolate/untried': {
    en: 'nothing forbidden was tried at level {level}',
    zh: '隔离级别 {level} 下未尝试任何禁止操作',
  },
  'judgement/stale': {
    en: 'last judged {age} ago, due every {every}',
    zh: '上次评判在{age}前，应每{every}一次',
  },
  'ledger/fork': {
    en: 'witness {witness} holds another history of size {size}',
    zh: '见证方 {witness} 持有大小为 {size} 的另一份历史',
  },
  'ledger/full-old': {
    en: 'last full recompute {age} ago, limit {limit}',
    zh: '最近一次全量复算在{age}前，上限 {limit}',
  },
  'ledger/good': { en: 'no mismatch, no conflict, {size} entries', zh: '无不一致、无冲突，共 {size} 条' },
  'ledger/mismatch': { en: '{n} mismatches found: {why}', zh: '发现 {n} 处不一致：{why}' },
  'ledger/slow-median': {
    en: 'checkpoints published {median} after growth (median), limit {limit}',
    zh: '检查点发布延迟中位数 {median}，上限 {limit}',
  },
  'ledger/slow-share': {
    en: '{share} of checkpoints published within {limit}, at least {wanted} agreed',
    zh: '{share} 的检查点在{limit}内发布，约定下限 {wanted}',
  },
  'ledger/tail-old': {
    en: 'last check of the tail {age} ago, limit {limit}',
    zh: '最近一次尾部核对在{age}前，上限 {limit}',
  },
  'ledger/unwitnessed': {
    en: 'no cosignature of party B for {age}, limit {limit}',
    zh: '已{age}没有设备方的共同签名，上限 {limit}',
  },
  'ledger/witness-refused': {
    en: 'party A turned the witness away; no cosignature for {age}, limit {limit}',
    zh: '平台方拒绝了见证方；已{age}没有共同签名，上限 {limit}',
  },
  'ledger/witness-silent': {
    en: 'no cosignature of party B for {age}; breached after {limit}',
    zh: '已{age}没有设备方的共同签名；超过{limit}即违约',
  },
  'log/gap': {
    en: '{counted} events counted, {logged} logged in the window from {from}',
    zh: '自 {from} 起的窗口内计数 {counted} 条，入账 {logged} 条',
  },
  'log/no-source': { en: 'the reconciliation counted no source', zh: '对账未覆盖任何来源' },
  'log/whole': {
    en: '{logged} of {counted} events logged in the window from {from}',
    zh: '自 {from} 起的窗口内 {counted} 条事件已入账 {logged} 条',
  },
  'outbox/good': { en: '{share} of {rows} rows sequenced within {limit}', zh: '{rows} 行中 {share} 在{limit}内入序' },
  'outbox/no-rows': { en: 'no rows were measured', zh: '没有可度量的行' },
  'outbox/slow': {
    en: '{share} of {rows} rows sequenced within {limit}, at least {wanted} agreed',
    zh: '{rows} 行中 {share} 在{limit}内入序，约定下限 {wanted}',
  },
  'population/empty': { en: 'nothing to judge: no subject', zh: '没有评判对象，无从评判' },
  'probe/all-refused': {
    en: '{cases} negative cases refused and logged {age} ago',
    zh: '{age}前 {cases} 个反例均被拒绝并入账',
  },
  'probe/good-refused': { en: 'a good certificate was refused', zh: '合法证书被拒绝' },
  'probe/incomplete': { en: 'the last run left out: {cases}', zh: '最近一次探测缺少：{cases}' },
  'probe/let-in': { en: 'let in: {case} ({response})', zh: '放行了反例：{case}（{response}）' },
  'probe/not-logged': { en: 'refused but not logged: {case}', zh: '已拒绝但未入账：{case}' },
  'proof/failed': { en: '{verifier} failed: {error}', zh: '{verifier} 验证失败：{error}' },
  'proof/few-leaves': { en: '{leaves} leaves proved, {wanted} wanted', zh: '验证叶子 {leaves} 个，应为 {wanted} 个' },
  'proof/good': {
    en: '{verifier} verified the checkpoint and {leaves} leaves of {size} entries {age} ago',
    zh: '{verifier} 于{age}前验证了检查点及 {size} 条中的 {leaves} 个叶子',
  },
  'proof/old': {
    en: 'last independent verification {age} ago, limit {limit}',
    zh: '最近一次独立验证在{age}前，上限 {limit}',
  },
  'proof/unanswered': {
    en: '{answered} of {requests} proof requests answered this month ({share}, at least {wanted})',
    zh: '本月 {requests} 次证明请求答复 {answered} 次（{share}，下限 {wanted}）',
  },
  'session/unauthenticated': { en: 'session without authentication at {at}', zh: '{at} 出现未经认证的会话' },
  'sources/broken': {
    en: 'source {source} counted {counted} events and logged {logged}: no state can be held',
    zh: '来源 {source} 计数 {counted} 条、入账 {logged} 条，无法沿用先前状态',
  },
  'tls/chain': { en: 'the certificate chain is not valid', zh: '证书链无效' },
  'tls/expiry': {
    en: 'certificate ends in {left}, at least {margin} must be left',
    zh: '证书还有{left}到期，至少应剩{margin}',
  },
  'tls/finding': { en: 'finding: {finding}', zh: '发现：{finding}' },
  'tls/good': {
    en: '{offers} accepted offers, certificate ends in {left}',
    zh: '仅接受 {offers} 项，证书还有{left}到期',
  },
  'tls/plaintext': { en: 'answers in plaintext', zh: '以明文应答' },
  'tls/untried': { en: 'the scan tried no offer below the floor, or none at all', zh: '扫描未尝试低于下限的版本' },
  'tls/weak': { en: 'accepts {what}', zh: '接受 {what}' },
  waived: {
    en: 'waived by {party} until {until}: {reason} (else: {else})',
    zh: '{party} 豁免至 {until}：{reason}（否则：{else}）',
  },
} as const satisfies Readonly<Record<string, Texts>>;

/** Every reason a judgement can have. */
export const whyTexts = { ...whyTextsA, ...whyTextsB } as const;
