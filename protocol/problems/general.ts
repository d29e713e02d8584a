import type { ProblemRow } from './row.ts';

/** Agreement, people, ledger, models and the API. */
export const generalProblems = {
  'agreement/digest-mismatch': {
    status: 422,
    title: { zh: '签名所覆盖的文本不一致', en: 'The signature covers another text' },
    next: {
      zh: '重新获取待签文本，核对后对自己渲染的文本签名。',
      en: 'Fetch the offered document again, compare it, and sign what you rendered yourself.',
    },
  },
  'agreement/not-in-force': {
    status: 409,
    title: { zh: '协议尚未生效', en: 'No agreement in force' },
    next: { zh: '请双方先完成签署，然后重试。', en: 'Both parties sign first; then repeat the call.' },
  },
  'agreement/params-invalid': {
    status: 422,
    title: { zh: '协议参数不可接受', en: 'A parameter of the agreement is not acceptable' },
    next: { zh: '请更正详情中列出的参数。', en: 'Correct the parameters named in the detail.' },
  },
  'agreement/particulars-invalid': {
    status: 422,
    title: { zh: '当事方信息无效', en: 'The particulars of a party are not valid' },
    next: {
      zh: '请核对名称、地址与登记号；统一社会信用代码含校验位。',
      en: 'Check name, address and registration number; the code has a check digit.',
    },
  },
  'agreement/signature-invalid': {
    status: 422,
    title: { zh: '签名验证失败', en: 'The signature does not verify' },
    next: {
      zh: '请用邀请时登记的密钥对规范化字节签名。',
      en: 'Sign the canonical bytes with the key that was registered at the invitation.',
    },
  },
  'agreement/state': {
    status: 409,
    title: { zh: '协议状态不允许此操作', en: 'The agreement is in another state' },
    next: { zh: '请查看协议状态并执行当前应办步骤。', en: 'Look at its state and take the step that is due.' },
  },
  'auth/failed': {
    status: 401,
    title: { zh: '登录失败', en: 'Sign-in failed' },
    next: {
      zh: '请检查账号、密码和验证码；多次失败后需等待再试。',
      en: 'Check name, password and code; after several failures wait before trying again.',
    },
  },
  'auth/forbidden': {
    status: 403,
    title: { zh: '您的角色无此权限', en: 'Your role does not include this' },
    next: { zh: '请向本方管理员申请相应角色。', en: 'Ask an administrator of your party for the role that does.' },
  },
  'auth/link-invalid': {
    status: 410,
    title: { zh: '链接已使用、已过期或不存在', en: 'The link was used, expired or never existed' },
    next: { zh: '请重新申请链接。', en: 'Ask for a new link.' },
  },
  'auth/locked': {
    status: 429,
    title: { zh: '失败次数过多', en: 'Too many failed attempts' },
    next: {
      zh: '请等待至 Retry-After 指定的时间，或走账号恢复流程。',
      en: 'Wait until the time named in Retry-After, or recover access.',
    },
  },
  'auth/origin': {
    status: 403,
    title: { zh: '请求来自其他站点', en: 'The request came from another site' },
    next: {
      zh: '请在控制台自身地址操作，或使用 API 令牌。',
      en: 'Use the console at its own address, or an API token.',
    },
  },
  'auth/password-weak': {
    status: 422,
    title: { zh: '密码过短或已广泛泄露', en: 'The password is too short or widely known' },
    next: {
      zh: '请选择至少 12 个字符且不在泄露清单中的密码。',
      en: 'Choose at least 12 characters that are on no list of leaked passwords.',
    },
  },
  'auth/required': {
    status: 401,
    title: { zh: '请先登录', en: 'Sign in first' },
    next: { zh: '请登录，或以 Bearer 方式携带 API 令牌。', en: 'Sign in, or send an API token as bearer.' },
  },
  'auth/second-factor': {
    status: 403,
    title: { zh: '需要第二因素验证', en: 'A second factor is required' },
    next: { zh: '请先在控制台设置一次性验证码。', en: 'Set up a one-time code generator in the console first.' },
  },
  'command/closed': {
    status: 409,
    duty: 'A3.6.2',
    title: { zh: '命令已结束或已过期', en: 'The command is finished or expired' },
    next: { zh: '请重新下发命令。', en: 'Send a new command.' },
  },
  'incident/state': {
    status: 409,
    duty: 'A3.6.2',
    title: { zh: '事件状态不允许此操作', en: 'The incident is in another state' },
    next: { zh: '请查看事件状态并执行当前应办步骤。', en: 'Look at its state and take the step that is due.' },
  },
  internal: {
    status: 500,
    title: { zh: '平台内部错误', en: 'Something went wrong on our side' },
    next: {
      zh: '请稍后重试；若持续出现，请将时间告知平台运维。',
      en: 'Try again later; tell the operator the time if it stays.',
    },
  },
  'isolate/guard': {
    status: 409,
    duty: 'A3.6.2',
    title: { zh: '该指令影响设备过多，不能由一人下达', en: 'The order reaches too many devices for one person' },
    next: { zh: '请由第二人批准，或缩小范围。', en: 'Ask a second person, or narrow the scope.' },
  },
  'ledger/behind': {
    status: 409,
    duty: 'A3.3.5',
    title: { zh: '账本落后于见证方', en: 'The ledger is behind its witness' },
    next: {
      zh: '可能恢复了旧副本：请比对检查点并恢复最新副本。',
      en: 'An old copy was restored: compare checkpoints and restore the newest copy.',
    },
  },
  'ledger/conflict': {
    status: 422,
    duty: 'A3.3.5',
    title: { zh: '同一日志出现两份不同历史', en: 'Two different histories of one log' },
    next: {
      zh: '请保存两份检查点：这是证据，并通知对方。',
      en: 'Keep both notes: this is evidence. Tell the other party.',
    },
  },
  'ledger/not-found': {
    status: 404,
    duty: 'A3.4.6',
    title: { zh: '不存在该日志、条目或分块', en: 'No such log, entry or tile' },
    next: { zh: '请仅请求最新检查点覆盖的内容。', en: 'Ask only for what the newest checkpoint covers.' },
  },
  'ledger/not-signing': {
    status: 503,
    duty: 'A3.3.5',
    title: { zh: '账本拒绝签名', en: 'The ledger refuses to sign' },
    next: {
      zh: '存储可能旧于已提供的检查点：请恢复最新副本，并与见证方比对检查点；确为最新时以 start --adopt 启动一次。',
      en: 'The store may be older than what was served: restore the newest copy and compare checkpoints with the witness; if it is the newest, start once with --adopt.',
    },
  },
  'model/file-incomplete': {
    status: 422,
    duty: 'B2.1.1',
    title: { zh: '型号安全档案不完整', en: 'The security file of the model is incomplete' },
    next: {
      zh: '请补齐详情所列部分，重新签名后上传。',
      en: 'Add the parts named in the detail, sign again and upload.',
    },
  },
  'model/not-active': {
    status: 409,
    duty: 'B2.1.1',
    title: { zh: '型号尚未激活', en: 'The model is not active' },
    next: {
      zh: '请补齐安全档案与数据清单，由平台方会签。',
      en: 'Complete the security file and the manifest; party A countersigns.',
    },
  },
  'model/sbom-invalid': {
    status: 422,
    duty: 'B2.1.1',
    title: { zh: '软件物料清单无法解析', en: 'The SBOM does not parse' },
    next: { zh: '请上传 CycloneDX JSON（1.2 及以上）。', en: 'Upload CycloneDX JSON (1.2 or later).' },
  },
  'model/signature-invalid': {
    status: 422,
    duty: 'B2.1.1',
    title: { zh: '档案未由设备方密钥签名', en: 'The file is not signed by a key of the device party' },
    next: { zh: '请用签署协议的密钥签名。', en: 'Sign it with the key that signed the agreement.' },
  },
  'policy/invalid': {
    status: 422,
    duty: 'A3.1.3',
    title: { zh: '策略未通过校验', en: 'The policy does not validate' },
    next: { zh: '请更正详情指出之处。', en: 'Correct the places named in the detail.' },
  },
  'request/conflict': {
    status: 409,
    title: { zh: '已存在或已被他人修改', en: 'This already exists or was changed meanwhile' },
    next: { zh: '请读取当前状态后重试。', en: 'Read the current state and repeat the call.' },
  },
  'request/host': {
    status: 421,
    title: { zh: '本服务不使用该主机名', en: 'This server does not answer to that host name' },
    next: { zh: '请使用平台公布的主机名。', en: 'Use the host name the platform announces.' },
  },
  'request/invalid': {
    status: 400,
    title: { zh: '请求不符合格式', en: 'The request does not match its schema' },
    next: {
      zh: '请更正详情所列字段；参见 API 说明。',
      en: 'Correct the field named in the detail; see the API description.',
    },
  },
  'request/method': {
    status: 405,
    title: { zh: '该地址不支持此方法', en: 'Method not allowed here' },
    next: { zh: '请使用 Allow 中列出的方法。', en: 'Use a method named in Allow.' },
  },
  'request/not-found': {
    status: 404,
    title: { zh: '未找到', en: 'Not found' },
    next: { zh: '请检查地址与编号。', en: 'Check the address and the id.' },
  },
  'request/rate': {
    status: 429,
    title: { zh: '请求过于频繁', en: 'Too many requests' },
    next: { zh: '请按 Retry-After 等待。', en: 'Wait for the time in Retry-After.' },
  },
  'request/timeout': {
    status: 408,
    title: { zh: '请求未按时完整到达', en: 'The request did not arrive in time' },
    next: { zh: '请检查网络后重试。', en: 'Check the network and repeat the call.' },
  },
  'request/too-large': {
    status: 413,
    title: { zh: '请求过大', en: 'The request is too large' },
    next: { zh: '请减少单次内容。', en: 'Send less at once.' },
  },
  'request/type': {
    status: 415,
    title: { zh: '不接受该内容类型', en: 'Content type not accepted' },
    next: { zh: '请使用 API 说明中的内容类型。', en: 'Send the type the API description names.' },
  },
  'request/unavailable': {
    status: 503,
    title: { zh: '服务暂不可用', en: 'The service cannot answer now' },
    next: { zh: '请按 Retry-After 稍后重试。', en: 'Try again after the time in Retry-After.' },
  },
  'store/backup': {
    status: 500,
    title: { zh: '无法备份或恢复', en: 'Cannot back up or restore' },
    next: {
      zh: '请更正详情所列问题后重试；原数据未改动。',
      en: 'Correct what the detail names and try again; nothing was changed.',
    },
  },
  'store/full': {
    status: 503,
    duty: 'A3.3.6',
    title: { zh: '磁盘已满', en: 'The disk is full' },
    next: {
      zh: '请释放空间或迁移数据目录；已确认的数据未丢失。',
      en: 'Free space or move the data directory; nothing acknowledged was lost.',
    },
  },
} as const satisfies Record<string, ProblemRow>;
