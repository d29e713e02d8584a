import type { ProblemRow } from './row.ts';

/** What a device sends (clauses 2.4, 2.6). */
export const dataProblems = {
  'data/channel-undeclared': {
    status: 403,
    duty: 'B2.4.1',
    title: { zh: '数据清单未声明该通道', en: 'The manifest does not declare this channel' },
    next: {
      zh: '请在数据清单中声明该通道，或使用已声明的通道。',
      en: 'Declare the channel in the manifest, or send to a declared one.',
    },
  },
  'data/field-forbidden': {
    status: 403,
    duty: 'B2.4.4',
    title: { zh: '您的角色不可使用该字段', en: 'Your role may not use this field' },
    next: { zh: '请申请具备该权限的角色或用途。', en: 'Ask for the role or purpose that may.' },
  },
  'data/key-unavailable': {
    status: 503,
    duty: 'B2.4.3',
    title: { zh: '数据密钥不可用', en: 'The data key is not available' },
    next: { zh: '请重试；未存储也未确认任何数据。', en: 'Try again; nothing was stored or acknowledged.' },
  },
  'data/manifest-invalid': {
    status: 422,
    duty: 'B2.4.2',
    title: { zh: '数据清单无效', en: 'The data manifest is not valid' },
    next: { zh: '请更正详情所列之处并重新签名。', en: 'Correct the places named in the detail and sign again.' },
  },
  'data/manifest-missing': {
    status: 403,
    duty: 'B2.4.2',
    title: { zh: '该型号没有生效的数据清单', en: 'No data manifest in force for this model' },
    next: { zh: '请先上传并会签数据清单。', en: 'Upload and countersign a manifest first.' },
  },
  'data/payload-invalid': {
    status: 400,
    duty: 'B2.4.1',
    title: { zh: '载荷无法解析', en: 'The payload does not parse' },
    next: { zh: '请发送由已声明字段组成的 JSON 对象。', en: 'Send a JSON object of the declared fields.' },
  },
  'data/rate': {
    status: 429,
    duty: 'B2.4.1',
    title: { zh: '超过数据清单的频率上限', en: 'More messages than the manifest allows' },
    next: { zh: '请降低该通道的发送频率。', en: 'Send more slowly on this channel.' },
  },
  'data/required-field': {
    status: 422,
    duty: 'B2.4.1',
    title: { zh: '必填字段缺失或类型错误', en: 'A required field is missing or mistyped' },
    next: { zh: '请发送数据清单中标为必填的字段。', en: 'Send every field the manifest marks as required.' },
  },
  'data/sealed-damaged': {
    status: 500,
    duty: 'A3.3.4',
    title: { zh: '密封数据损坏或被移动', en: 'Sealed data is damaged or was moved' },
    next: {
      zh: '请告知平台运维：该行无法打开，原因须查明。',
      en: 'Tell the operator: this row does not open, and why must be found out.',
    },
  },
  'data/too-large': {
    status: 413,
    duty: 'B2.4.1',
    title: { zh: '载荷超过通道上限', en: 'The payload is larger than the channel allows' },
    next: { zh: '请减少单次内容。', en: 'Send less at once.' },
  },
  'event/invalid': {
    status: 400,
    duty: 'B2.6.2',
    title: { zh: '安全事件报告格式不符', en: 'The security report does not match its form' },
    next: { zh: '请按说明填写 id、seq、t、type 与 severity。', en: 'Send id, seq, t, type and severity as described.' },
  },
  'message/invalid': {
    status: 400,
    duty: 'B2.2.6',
    title: { zh: '控制消息格式不符', en: 'The control message does not match its schema' },
    next: { zh: '请更正详情所列字段。', en: 'Correct the field named in the detail.' },
  },
} as const satisfies Record<string, ProblemRow>;
