import type { Bilingual, Definition } from './bilingual.ts';

/** Title of the agreement. */
export const title: Bilingual = {
  zh: '物联网设备接入协议 · 安全责任',
  en: 'IoT Device Access Agreement 2025 - Security Responsibilities',
};

/** What both parties want, where they do not agree words of their own. */
export const standardPurpose: Bilingual = {
  zh: '为使设备安全地接入平台并安全运行，保护双方及社会公众，双方约定各自的安全责任，以及证明责任已经履行的方式。',
  en: 'So that devices join the platform safely and run safely, for both parties and for the public, the parties agree what each is responsible for in security and how it is shown that this was done.',
};

/** Article 1. */
export const definitions: readonly Definition[] = [
  {
    term: { zh: '设备', en: 'device' },
    text: {
      zh: '设备方拥有或者控制的、通过公共或者专用网络与平台交换数据或者执行功能的实物。',
      en: 'A physical thing that party B owns or controls and that exchanges data with the platform, or performs functions, over a public or private network.',
    },
  },
  {
    term: { zh: '平台', en: 'platform' },
    text: {
      zh: '平台方用于管理、监测设备，与设备通信并在其上提供服务的软件和硬件。',
      en: 'The software and hardware of party A that manages, monitors and talks to devices and offers services on them.',
    },
  },
  {
    term: { zh: '安全策略', en: 'security policy' },
    text: {
      zh: '平台方为保障平台安全而制定并执行的规则和措施。',
      en: 'The rules and measures that party A sets and enforces to keep the platform safe.',
    },
  },
  {
    term: { zh: '安全事件', en: 'security incident' },
    text: {
      zh: '可能损害或者威胁设备、数据、平台或者用户的任何行为或者状况，包括未经授权的访问、攻击、泄露和恶意软件。',
      en: 'Any act or condition that may harm or threaten a device, data, the platform or a user: unauthorised access, attack, leak, malware and the like.',
    },
  },
  {
    term: { zh: '日志', en: 'log' },
    text: {
      zh: '平台和设备自动生成的关于操作、事件和通信的记录。',
      en: 'The records that platform and devices write by themselves of operations, events and communication.',
    },
  },
  {
    term: { zh: '子责任', en: 'sub-duty' },
    text: {
      zh: '条款中可以单独判定的一项责任，载明责任方、判定标准、证据、期限和违约代码。',
      en: 'The smallest part of a clause that is judged by itself: with the party that owes it, a criterion, evidence, a deadline and breach codes.',
    },
  },
  {
    term: { zh: '账本', en: 'ledger' },
    text: {
      zh: '双方共同持有、只能追加的日志；其检查点由平台方签名，并可由设备方联署。',
      en: 'The append-only log that both parties hold; party A signs its checkpoints and party B may cosign them.',
    },
  },
  {
    term: { zh: '证据', en: 'evidence' },
    text: {
      zh: '账本中判定子责任所依据的记录；每种证据只在其时效内有效。',
      en: 'The records of the ledger on which a sub-duty is judged; each kind counts only up to its age.',
    },
  },
  {
    term: { zh: '违约', en: 'breach' },
    text: {
      zh: '子责任经判定不符合其标准而在账本中登记的事实，不包含对损失或者责任范围的认定。',
      en: 'The fact, entered in the ledger, that a sub-duty was judged not to meet its criterion. It says nothing of damage or liability.',
    },
  },
  {
    term: { zh: '活跃设备', en: 'active device' },
    text: {
      zh: '处于启用状态，且在最近24小时内（或者在该型号约定的上报间隔内）出现过的设备。',
      en: 'A device in state active that was seen in the last 24 hours, or in the reporting interval agreed for its model.',
    },
  },
  {
    term: { zh: '隔离', en: 'isolation' },
    text: {
      zh: '由平台对设备施加的限制，级别由低到高为观察、受限、仅限更新、阻断和吊销。',
      en: 'A restriction that the platform lays on a device, in rising levels: watch, restrict, update-only, block, revoke.',
    },
  },
];
