import type { Texts } from '@pactgate/protocol';

/** Reasons of the device party's rows (2.1 to 2.6). Numbers stand in braces; both languages have the same ones. */
export const whyTextsB = {
  'authn/burst': {
    en: '{count} failed authentications within 60 min, at most {limit} allowed; last: {reason}',
    zh: '60 分钟内认证失败 {count} 次，上限 {limit} 次；最近一次：{reason}',
  },
  'authn/good': {
    en: 'connected and authenticated; at most {limit} failures in any 60 min',
    zh: '已连接并通过认证；任意 60 分钟内失败不超过 {limit} 次',
  },
  'authz/denials': {
    en: '{count} denied operations within 60 min, at most {limit} allowed; last: {resource}',
    zh: '60 分钟内被拒绝操作 {count} 次，上限 {limit} 次；最近一次：{resource}',
  },
  'authz/foreign': {
    en: 'tried to write to {resource} of another party at {at}',
    zh: '{at} 试图写入其他设备方的资源 {resource}',
  },
  'authz/good': { en: '{denied} of {total} requests denied', zh: '{total} 次请求中被拒绝 {denied} 次' },
  'authz/share': {
    en: '{denied} of {total} requests in {window} denied ({share}), at most {limit} allowed',
    zh: '{window}内 {total} 次请求中被拒绝 {denied} 次（{share}），上限 {limit}',
  },
  'channel/persistent': {
    en: '{n} attempts over a weak channel ({what}) since {since}, longer than the {cure} to cure it',
    zh: '自 {since} 起 {n} 次使用弱通道（{what}），已超过整改期 {cure}',
  },
  'channel/refused': {
    en: '{n} attempts over a weak channel ({what}) refused since {since}; to be cured within {cure}',
    zh: '自 {since} 起 {n} 次弱通道尝试（{what}）被拒绝；须在{cure}内整改',
  },
  'channel/strong': { en: 'last session: {tls}, {suite}', zh: '最近会话：{tls}，{suite}' },
  'channel/weak': { en: 'session with {what} at {at}', zh: '{at} 的会话使用了 {what}' },
  'enrol/before': { en: 'enrolled with proof of possession at {at}', zh: '已于 {at} 凭私钥持有证明完成入网' },
  'enrol/none-before': {
    en: 'session at {at} without an earlier valid enrolment, key {spki}',
    zh: '{at} 的会话之前没有有效入网记录，密钥 {spki}',
  },
  'fields/excess': {
    en: '{excess} of {messages} messages in {day} carried undeclared fields ({share}, at most {limit}); for example {field}',
    zh: '{day}内 {messages} 条消息中 {excess} 条含未声明字段（{share}，上限 {limit}）；例如 {field}',
  },
  'fields/good': {
    en: '{excess} of {messages} messages in {day} carried undeclared fields; none was stored',
    zh: '{day}内 {messages} 条消息中 {excess} 条含未声明字段；均未存储',
  },
  'fields/no-messages': { en: 'no message in {day}: nothing to judge', zh: '{day}内没有消息，无从评判' },
  'fields/stored': {
    en: '{stored} undeclared fields were stored in {day}; for example {field}',
    zh: '{day}内存储了 {stored} 个未声明字段；例如 {field}',
  },
  'id/clone': {
    en: 'confirmed clone, held after {held} (limit {limit}); ends with enrolment under a new key',
    zh: '已确认克隆，{held}后锁定（上限 {limit}）；以新密钥重新入网后解除',
  },
  'id/clone-not-held': {
    en: 'confirmed clone, and the identity was not held within {limit}',
    zh: '已确认克隆，且身份未在{limit}内锁定',
  },
  'id/overlap': {
    en: 'old and new key are both live for {overlap}, at most {limit} allowed',
    zh: '新旧密钥并存 {overlap}，上限 {limit}',
  },
  'id/scan-cut': {
    en: 'the scan named {entries} entries and may have been cut short',
    zh: '扫描列出了 {entries} 项，可能被截断',
  },
  'id/scan-short': {
    en: 'the scan saw {seen} devices, the log has {expected} with a live key',
    zh: '扫描仅覆盖 {seen} 台设备，账本中持有有效密钥的有 {expected} 台',
  },
  'id/shared': { en: 'shares key {spki} with {other}', zh: '与 {other} 共用密钥 {spki}' },
  'id/suspected': { en: 'suspected clone, watched', zh: '疑似克隆，观察中' },
  'id/two-keys': { en: '{keys} live keys outside a renewal overlap', zh: '在续期重叠期之外有 {keys} 个有效密钥' },
  'id/unique': { en: 'one identity, one live key', zh: '标识唯一，有效密钥唯一' },
  'model/file-good': {
    en: 'file {age} old, support ends in {left}, {components} components in the SBOM',
    zh: '档案已有{age}，支持期还剩{left}，物料清单含 {components} 个组件',
  },
  'model/file-incomplete': { en: 'the security file lacks: {parts}', zh: '安全档案缺少：{parts}' },
  'model/file-old': {
    en: 'the security file is {age} old, at most {limit} allowed',
    zh: '安全档案已有{age}，上限 {limit}',
  },
  'model/foreign-signer': {
    en: 'signed by {signer}, which is no key of party B',
    zh: '签名密钥 {signer} 不属于设备方',
  },
  'model/no-party-key': { en: 'no key of party B is on record', zh: '账本中没有设备方的密钥' },
  'model/sbom-unread': { en: 'the SBOM does not parse ({format})', zh: '软件物料清单无法解析（{format}）' },
  'model/support-over': { en: 'support ended at {end}', zh: '安全支持已于 {end} 截止' },
  'plaintext/hit': {
    en: 'plaintext {protocol} attempt on port {port} at {at}',
    zh: '{at} 在端口 {port} 尝试明文 {protocol}',
  },
  'plaintext/none': {
    en: 'no plaintext attempt in {window}; {ports} listening ports reported, none forbidden',
    zh: '{window}内无明文尝试；报告监听端口 {ports} 个，无禁用端口',
  },
  'plaintext/party': {
    en: 'plaintext {protocol} attempt on port {port} at {at} from an address of this party, no single device fits',
    zh: '{at} 来自本设备方地址的明文 {protocol} 尝试（端口 {port}），无法对应到单台设备',
  },
  'plaintext/party-none': {
    en: 'no plaintext attempt from an address of this party since {protocol} on port {port} at {at}',
    zh: '自 {at} 的 {protocol} 尝试（端口 {port}）以来，本设备方地址无明文尝试',
  },
  'ports/forbidden': { en: 'listens on forbidden ports: {ports}', zh: '监听了禁用端口：{ports}' },
  'ports/report-old': {
    en: 'last port report is {age} old, at most {limit} allowed',
    zh: '最近的端口报告已有{age}，上限 {limit}',
  },
  'renewal/good': {
    en: '{good} of {total} active devices renewed in time, at least {share} agreed',
    zh: '{total} 台活跃设备中 {good} 台按时续期，约定下限 {share}',
  },
  'renewal/late': {
    en: '{bad} of {total} active devices renewed late or not at all, at least {share} must be in time; for example {device}',
    zh: '{total} 台活跃设备中 {bad} 台迟续或未续，按时比例须不低于 {share}；例如 {device}',
  },
  'renewal/pending': {
    en: '{pending} of {total} active devices are past the renewal point; for example {device}',
    zh: '{total} 台活跃设备中 {pending} 台已过续期点；例如 {device}',
  },
  'renewal/unknown': {
    en: '{unknown} of {total} active devices cannot be judged for want of fresh {kind}',
    zh: '{total} 台活跃设备中 {unknown} 台因缺少新近的 {kind} 无法评判',
  },
  'report/gap': {
    en: '{device}: reports {from} to {to} missing for {age} without explanation, limit {limit}',
    zh: '{device}：第 {from} 至 {to} 号报告缺失{age}未说明，上限 {limit}',
  },
  'report/gap-open': {
    en: '{device}: reports {from} to {to} missing for {age}, to be explained within {limit}',
    zh: '{device}：第 {from} 至 {to} 号报告缺失{age}，须在{limit}内说明',
  },
  'report/good': {
    en: '{onTime} of {total} reports in {period} on time ({share})',
    zh: '{period}内 {total} 份报告中 {onTime} 份按时（{share}）',
  },
  'report/invalid': {
    en: '{invalid} reports in {period} did not match their form',
    zh: '{period}内 {invalid} 份报告格式不符',
  },
  'report/late': {
    en: '{onTime} of {total} reports in {period} on time ({share}, at least {limit}); last late one: {device}, after {delay}',
    zh: '{period}内 {total} 份报告中 {onTime} 份按时（{share}，下限 {limit}）；最近迟报：{device}，延迟 {delay}',
  },
  'report/none': {
    en: 'no event was ever reported; self-tests show the way open for {total} devices',
    zh: '从未有事件上报；自检表明 {total} 台设备的上报通道畅通',
  },
  'report/untested': {
    en: 'fresh self-tests from {tested} of {total} active devices: silence proves nothing',
    zh: '{total} 台活跃设备中仅 {tested} 台有新近自检，沉默不能作证',
  },
  'schema/countersigned-other': {
    en: 'party A countersigned version {version} with another digest than was published',
    zh: '平台方会签的第 {version} 版与所发布的摘要不一致',
  },
  'schema/good': {
    en: 'version {version}: all {fields} fields tagged and countersigned, reviewed {age} ago',
    zh: '第 {version} 版：{fields} 个字段均已标注并会签，{age}前复核',
  },
  'schema/review-due': { en: 'the review was due at {due}', zh: '复核应于 {due} 前完成' },
  'schema/review-old': { en: 'reviewed {age} ago, at most {limit} allowed', zh: '上次复核在{age}前，上限 {limit}' },
  'schema/untagged': {
    en: 'version {version}: {n} fields untagged ({fields})',
    zh: '第 {version} 版：{n} 个字段未标注（{fields}）',
  },
  'session/dead-certificate': {
    en: '{device}: session on an expired or revoked certificate {serial}',
    zh: '{device}：会话使用已过期或已吊销的证书 {serial}',
  },
  'session/old': {
    en: '{device}: live session {age} old, at most {limit} allowed',
    zh: '{device}：在线会话已持续{age}，上限 {limit}',
  },
  'sessions/equal': {
    en: '{opened} sessions opened, as many as authentications',
    zh: '建立会话 {opened} 个，与成功认证数一致',
  },
  'sessions/unequal': {
    en: '{opened} sessions opened, {authenticated} authentications in the window from {from}',
    zh: '自 {from} 起的窗口内建立会话 {opened} 个，成功认证 {authenticated} 次',
  },
  'tripwire/down': { en: 'the plaintext tripwire is not listening', zh: '明文绊线未在监听' },
  'version/good': {
    en: '{good} of {total} active devices reported a known version within {limit}',
    zh: '{total} 台活跃设备中 {good} 台在{limit}内上报了已知版本',
  },
  'version/overdue': {
    en: '{device}: last version report {age} ago, no report may be older than {limit}',
    zh: '{device}：最近的版本上报在{age}前，任何上报不得早于{limit}前',
  },
  'version/share': {
    en: '{bad} of {total} active devices have no report of a known version within {limit}, at least {share} must; for example {device} ({version})',
    zh: '{total} 台活跃设备中 {bad} 台未在{limit}内上报已知版本，达标比例须不低于 {share}；例如 {device}（{version}）',
  },
  'version/unknown': {
    en: '{unknown} of {total} active devices never reported a version',
    zh: '{total} 台活跃设备中 {unknown} 台从未上报版本',
  },
} as const satisfies Readonly<Record<string, Texts>>;
