import { type ProblemCode, problemRow, type Texts } from '@pactgate/protocol';
import type { PolicySet } from './ports.ts';
import type { Denial, TableSubject } from './table.ts';

/** Why something was refused and what to do next, for the device page and the notice (B2.2.6, A3.1.3). */
export interface Explanation {
  readonly code: ProblemCode;
  readonly policies: readonly string[];
  readonly digest: string;
  readonly cause: Texts;
  readonly next: Texts;
}

const actionNames: Readonly<Record<Denial['action'], Texts>> = {
  connect: { zh: '连接', en: 'connecting' },
  enrol: { zh: '注册', en: 'enrolling' },
  publish: { zh: '发布', en: 'publishing' },
  subscribe: { zh: '订阅', en: 'subscribing' },
  receive: { zh: '接收', en: 'receiving' },
  command: { zh: '执行命令', en: 'taking a command' },
  read: { zh: '读取', en: 'reading' },
  update: { zh: '更新', en: 'updating' },
  report: { zh: '上报', en: 'reporting' },
};

function byDefault(denial: Denial, { device, link }: TableSubject): Texts {
  const action = actionNames[denial.action];
  const { resource } = denial;
  const { model, riskBand } = device;
  return {
    zh: `没有策略允许型号 ${model} 的设备以来源 ${link.source}、风险等级 ${riskBand} 对 ${resource} 进行${action.zh}。`,
    en: `No policy permits ${action.en} on ${resource} for a device of model ${model} from source ${link.source} at risk band ${riskBand}.`,
  };
}

function byPolicy(denial: Denial, set: PolicySet): Texts | undefined {
  const causes = denial.policies.flatMap((id) => set.policies.find((policy) => policy.id === id)?.cause ?? []);
  if (causes.length === 0) return undefined;
  return { zh: causes.map(({ zh }) => zh).join(''), en: causes.map(({ en }) => en).join(' ') };
}

/** Explains a refusal in both languages. Names no other device, no policy text and no engine error. */
export function explain(denial: Denial, subject: TableSubject, set: PolicySet): Explanation {
  const row = problemRow(denial.code);
  const { code, policies } = denial;
  const decided = code === 'access/denied' || code === 'access/level' || code === 'device/isolated';
  const cause = decided ? (byPolicy(denial, set) ?? byDefault(denial, subject)) : row.title;
  return { code, policies, digest: set.digest, cause, next: row.next };
}
