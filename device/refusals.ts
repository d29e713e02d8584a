import { isProblemCode, Problem, type ProblemCode } from '@pactgate/protocol';

/** What MQTT 5 reason codes mean where the platform's Reason String, which names the problem, is missing. */
const byReason: Readonly<Record<number, ProblemCode>> = {
  0x80: 'internal',
  0x81: 'mqtt/malformed',
  0x82: 'mqtt/protocol-error',
  0x83: 'request/unavailable',
  0x84: 'mqtt/version',
  0x85: 'access/client-id',
  0x86: 'auth/failed',
  0x87: 'access/denied',
  0x88: 'request/unavailable',
  0x89: 'gate/busy',
  0x8a: 'device/isolated',
  0x8b: 'request/unavailable',
  0x8d: 'mqtt/keep-alive',
  0x90: 'access/topic-unknown',
  0x93: 'mqtt/receive-maximum',
  0x94: 'mqtt/topic-alias',
  0x95: 'mqtt/packet-too-large',
  0x96: 'gate/rate',
  0x97: 'data/rate',
  0x98: 'device/isolated',
  0x99: 'message/invalid',
  0x9a: 'mqtt/retain',
  0x9b: 'mqtt/qos',
  0x9f: 'gate/rate',
  0xa0: 'gate/max-age',
};

/** Return codes of CONNACK before MQTT 5 (section 3.2.2.3). */
const byReturn: Readonly<Record<number, ProblemCode>> = {
  1: 'mqtt/version',
  2: 'access/client-id',
  3: 'request/unavailable',
  4: 'auth/failed',
  5: 'access/denied',
};

/**
 * The problem behind a refusal of MQTT: the code the platform wrote as Reason String, else the nearest one for the
 * number. The number stands in the detail.
 */
export function problemOfReason(reason: number, text: string | undefined, version: 4 | 5): Problem {
  const detail = version === 5 ? `reason 0x${reason.toString(16)}` : `return code ${reason}`;
  const [word = ''] = (text ?? '').split(/[:\s]/, 1);
  if (isProblemCode(word)) return new Problem(word, detail);
  const table = version === 5 || reason >= 0x80 ? byReason : byReturn;
  return new Problem(table[reason] ?? 'internal', text === undefined ? detail : `${detail}: ${text}`);
}

const passing: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'access/level',
  'data/key-unavailable',
  'data/rate',
  'gate/busy',
  'gate/rate',
  'internal',
  'request/unavailable',
  'store/full',
]);

/** Whether the same message may be accepted later: the refusal is about the moment, not about the message. */
export const isPassing = (code: ProblemCode): boolean => passing.has(code);
