import type { Texts } from '@pactgate/protocol';
import type { ProofError, ProofErrorCode } from '../error.ts';

/** Chinese for each way of refusing; the English detail names the place and stands behind it. */
const zhOfCode: Readonly<Record<ProofErrorCode, string>> = {
  'bad-anchors': '信任锚文件不符合格式',
  'bad-argument': '请求的内容超出范围',
  'bad-bundle': '证据包不完整或被改动',
  'bad-checkpoint': '检查点不符合格式',
  'bad-commitment': '记录不符合格式或与承诺值不一致',
  'bad-disclosure': '披露项不符合格式或不属于该记录',
  'bad-encoding': '编码不规范',
  'bad-json': '不是规范的 JSON',
  'bad-jws': '签名文件不符合格式',
  'bad-leaf': '日志条目不符合格式',
  'bad-note': '签名文本不符合格式',
  'bad-path': '路径不符合格式',
  'bad-policy': '信任策略不符合格式',
  'bad-proof': '默克尔证明不成立',
  'bad-signature': '签名不成立',
  'bad-tile': '哈希块或条目不属于这棵树',
  'bad-vkey': '验证公钥不符合格式',
  'bad-zip': '压缩包不规范或有字节被改动',
  missing: '缺少所需的数据',
  'no-signature': '没有已知密钥的签名',
  'quorum-not-met': '见证签名不足法定数',
  'too-large': '超过允许的大小',
  'unknown-log': '信任策略中没有这个日志',
};

/** A refusal in both languages. */
export function causeInWords(error: ProofError): Texts {
  return { zh: `${zhOfCode[error.code]}（${error.detail}）`, en: error.detail };
}

const twoDigits = (n: number): string => String(n).padStart(2, '0');

/** A length of time in the largest unit that fits, for people. */
export function durationInWords(seconds: number): Texts {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 120) return { zh: `${whole} 秒`, en: `${whole} s` };
  if (whole < 7200) return { zh: `${Math.floor(whole / 60)} 分钟`, en: `${Math.floor(whole / 60)} min` };
  if (whole < 172_800) return { zh: `${Math.floor(whole / 3600)} 小时`, en: `${Math.floor(whole / 3600)} h` };
  return { zh: `${Math.floor(whole / 86_400)} 天`, en: `${Math.floor(whole / 86_400)} d` };
}

/** Seconds since 1970 as `2026-03-02 07:19:25 UTC`. */
export function timeInWords(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  // A witness may sign any number; only those that are a date of our calendar are shown as one.
  if (Number.isNaN(date.getTime())) return `second ${unixSeconds}`;
  const day = `${date.getUTCFullYear()}-${twoDigits(date.getUTCMonth() + 1)}-${twoDigits(date.getUTCDate())}`;
  return `${day} ${[date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map((n) => twoDigits(n)).join(':')} UTC`;
}

/** A count with its English noun: `1 log`, `2 logs`. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
