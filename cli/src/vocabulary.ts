import {
  dataClasses,
  isolationLevels,
  isProblemCode,
  type Locale,
  problemRow,
  roles,
  type Texts,
} from '@pactgate/protocol';
import { both } from './language.ts';
import { type Cell, fields } from './output.ts';

type Words = Readonly<Record<string, Texts>>;

/** The console's words for the same values (`console/src/texts`); `vocabulary.test.ts` holds both to one vocabulary. */
export const words = {
  status: {
    met: both('已履行', 'met'),
    'at-risk': both('有风险', 'at risk'),
    breached: both('违约', 'breached'),
    unknown: both('未知', 'unknown'),
    'n/a': both('不适用', 'not applicable'),
    waived: both('已豁免', 'waived'),
    'not-implemented': both('尚未实现', 'not implemented'),
  },
  owner: {
    A: both('甲 · 平台方', 'A · platform'),
    B: both('乙 · 设备方', 'B · devices'),
    AB: both('双方', 'both'),
  },
  agreement: {
    draft: both('草案', 'draft'),
    offered: both('待设备方签署', 'offered, waiting for B'),
    'signed-by-one': both('设备方已签，待平台会签', 'signed by B, waiting for A'),
    'in-force': both('生效中', 'in force'),
    suspended: both('中止', 'suspended'),
    ended: both('已终止', 'ended'),
  },
  breach: {
    open: both('未了结', 'open'),
    cured: both('已补救', 'cured'),
    closed: both('已关闭', 'closed'),
  },
  model: {
    draft: both('草案', 'draft'),
    signed: both('设备方已签', 'signed by B'),
    active: both('已激活', 'active'),
  },
  device: {
    registered: both('已登记，待注册', 'registered'),
    pending: both('待审核', 'pending'),
    active: both('在用', 'active'),
    suspended: both('停用', 'suspended'),
    retired: both('已退役', 'retired'),
  },
  certificate: {
    candidate: both('候选', 'candidate'),
    live: both('使用中', 'live'),
    superseded: both('已更换', 'superseded'),
    revoked: both('已吊销', 'revoked'),
    expired: both('已过期', 'expired'),
  },
  command: {
    waiting: both('待送达', 'waiting'),
    delivered: both('已送达', 'delivered'),
    accepted: both('设备已接受', 'accepted'),
    done: both('完成', 'done'),
    failed: both('失败', 'failed'),
    expired: both('已过期', 'expired'),
  },
  severity: {
    info: both('提示', 'info'),
    low: both('低', 'low'),
    medium: both('中', 'medium'),
    high: both('高', 'high'),
    critical: both('严重', 'critical'),
  },
  incident: {
    reported: both('已报告', 'reported'),
    confirmed: both('已确认', 'confirmed'),
    contained: both('已遏制', 'contained'),
    closed: both('已关闭', 'closed'),
  },
  log: {
    agreement: both('协议账本', 'Log of an agreement'),
    platform: both('平台账本', 'Platform log'),
    master: both('总账本', 'Master log'),
  },
} as const satisfies Readonly<Record<string, Words>>;

/** Values the console shows as they are. */
const ownWords = {
  class: dataClasses,
  role: roles,
  fieldType: {
    number: both('数值', 'number'),
    integer: both('整数', 'integer'),
    boolean: both('布尔', 'boolean'),
    string: both('文本', 'string'),
  },
  incidentType: {
    clone: both('设备克隆', 'clone'),
    tamper: both('篡改', 'tamper'),
    boot_integrity: both('启动完整性', 'boot integrity'),
    debug_port: both('调试接口', 'debug port'),
    auth_fail: both('认证失败', 'authentication failure'),
    unexpected_process: both('异常进程', 'unexpected process'),
    config_change: both('配置变更', 'configuration change'),
    update_fail: both('更新失败', 'update failure'),
    network: both('网络异常', 'network'),
    malware: both('恶意软件', 'malware'),
    resource: both('资源异常', 'resource'),
    selftest: both('自检', 'self-test'),
    overflow: both('溢出', 'overflow'),
    metrics: both('指标异常', 'metrics'),
    custom: both('自定义', 'custom'),
  },
  timeline: {
    opened: both('建立', 'opened'),
    report: both('报告', 'report'),
    confirm: both('确认', 'confirmed'),
    contain: both('遏制', 'contained'),
    close: both('关闭', 'closed'),
  },
  invitation: {
    person: both('人员', 'person'),
    party: both('设备方', 'device party'),
    recovery: both('恢复', 'recovery'),
  },
  closed: {
    client: both('设备断开', 'the device disconnected'),
    network: both('网络中断', 'the network broke'),
    takeover: both('被同一客户端标识的新连接接管', 'taken over by a new connection of the same client id'),
    shutdown: both('平台停机', 'the platform stopped'),
  },
  outcome: {
    ok: both('成功', 'ok'),
    refused: both('拒绝', 'refused'),
    deny: both('拒绝', 'denied'),
    permit: both('允许', 'permitted'),
    limited: both('限流', 'limited'),
    banned: both('封禁', 'banned'),
    burst: both('突发', 'burst'),
    published: both('已发布', 'published'),
    started: both('已启动', 'started'),
    stopped: both('已停止', 'stopped'),
    opened: both('已建立', 'opened'),
    closed: both('已关闭', 'closed'),
    open: both('未了结', 'open'),
    done: both('完成', 'done'),
    signed: both('已签署', 'signed'),
    checked: both('已核对', 'checked'),
    within: both('在限度内', 'within limits'),
    issued: both('已签发', 'issued'),
    revoked: both('已吊销', 'revoked'),
    changed: both('已变更', 'changed'),
    accepted: both('已接受', 'accepted'),
    reported: both('已报告', 'reported'),
    exported: both('已导出', 'exported'),
    registered: both('已登记', 'registered'),
    'operator-link': both('运维链接登录', 'operator link'),
  },
} as const satisfies Readonly<Record<string, Words>>;

const tables: Readonly<Record<keyof typeof words | keyof typeof ownWords, Words>> = { ...words, ...ownWords };

/** A value of the API in words; one that has none (a newer platform, free text) as it is. */
export function wordOf(table: keyof typeof tables, value: string | undefined, locale: Locale): string | undefined {
  if (value === undefined || !Object.hasOwn(tables[table], value)) return value;
  return tables[table][value]?.[locale];
}

const labels = {
  address: both('地址', 'address'),
  agreement: both('协议', 'agreement'),
  agreements: both('协议', 'agreements'),
  certificate: both('证书', 'certificate'),
  challenge: both('质疑编号', 'challenge'),
  clientId: both('客户端标识', 'client id'),
  code: both('注册码', 'code'),
  commitToCutMs: both('从下令到断开（毫秒）', 'order to cut, ms'),
  connectionsCut: both('断开的连接', 'connections cut'),
  consolePort: both('控制台端口', 'console port'),
  deadline: both('期限', 'deadline'),
  delivered: both('送达', 'delivered'),
  device: both('设备', 'device'),
  devicePort: both('设备端口', 'device port'),
  devices: both('设备数', 'devices'),
  digest: both('摘要', 'digest'),
  domain: both('域名', 'domain'),
  drafted: both('起草', 'drafted'),
  edition: both('版本', 'edition'),
  est: both('EST 端口', 'EST'),
  estUser: both('EST 用户', 'EST user'),
  expires: both('有效至', 'expires'),
  file: both('文件', 'file'),
  finished: both('结束', 'finished'),
  host: both('主机', 'host'),
  id: both('编号', 'id'),
  inForce: both('生效', 'in force'),
  index: both('账本序号', 'record'),
  isolation: both('隔离', 'isolation'),
  key: both('私钥', 'key'),
  keys: both('密钥目录', 'keys'),
  kind: both('类别', 'kind'),
  lastSeen: both('最近通信', 'last seen'),
  level: both('隔离级别', 'level'),
  link: both('链接', 'link'),
  log: both('账本', 'log'),
  mail: both('邮件', 'mail'),
  mailed: both('已发邮件', 'mailed'),
  manifestSha256: both('清单 SHA-256', 'manifest SHA-256'),
  masterOrigin: both('总账本', 'master log'),
  missing: both('缺少', 'missing'),
  model: both('型号', 'model'),
  modelFileSha256: both('安全档案 SHA-256', 'file SHA-256'),
  mqtt: both('MQTT 端口', 'MQTT'),
  mqttPort: both('MQTT 端口', 'MQTT port'),
  name: both('名称', 'name'),
  octets: both('字节数', 'octets'),
  online: both('在线', 'online'),
  opened: both('开始', 'opened'),
  order: both('隔离令', 'order'),
  party: both('当事方', 'party'),
  person: both('人员', 'person'),
  policy: both('信任锚', 'policy'),
  previous: both('原级别', 'previous level'),
  pseudonym: both('假名', 'pseudonym'),
  publicHost: both('公开主机名', 'public host'),
  published: both('发布时间', 'published'),
  redecided: both('重新判定的会话', 'sessions decided again'),
  renewAt: both('续期时间', 'renew at'),
  result: both('结果', 'result'),
  revoked: both('吊销的证书', 'certificates revoked'),
  role: both('角色', 'role'),
  root: both('根证书', 'root'),
  rootSha256: both('根指纹 SHA-256', 'root SHA-256'),
  sbom: both('物料清单', 'SBOM'),
  secret: both('令牌', 'secret'),
  server: both('平台', 'server'),
  setupNeeded: both('待创建管理员', 'set-up needed'),
  severity: both('严重程度', 'severity'),
  sha256: both('SHA-256', 'SHA-256'),
  state: both('状态', 'state'),
  summary: both('摘要', 'summary'),
  thumbprint: both('密钥指纹', 'thumbprint'),
  type: both('类型', 'type'),
  until: both('有效至', 'until'),
  version: both('版本', 'version'),
  witness: both('见证公钥', 'witness'),
} as const satisfies Words;
type Label = keyof typeof labels;
const labelTable: Words = labels;

/** Values under their labels in the language, one a line. */
export const facts = (values: Readonly<Partial<Record<Label, Cell>>>, locale: Locale): string =>
  fields(Object.entries(values).map(([name, value]) => [labelTable[name]?.[locale] ?? name, value]));

/** A step of the isolation ladder: its number and its name. */
export function levelInWords(level: number, locale: Locale): string {
  const step = isolationLevels.find((one) => one.level === level);
  return step === undefined ? String(level) : `${level} ${step[locale]}`;
}

/** A role's code, which options take, with its name. */
export const roleInWords = (role: string, locale: Locale): string =>
  Object.hasOwn(ownWords.role, role) ? `${role} (${wordOf('role', role, locale)})` : role;

/** Why a session closed: a problem's code with its title, or one of the few other reasons. */
export const reasonInWords = (reason: string | undefined, locale: Locale): string | undefined =>
  reason !== undefined && isProblemCode(reason)
    ? `${reason}: ${problemRow(reason).title[locale]}`
    : wordOf('closed', reason, locale);
