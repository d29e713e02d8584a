import type { ReportType } from '../messages.ts';
import type { Texts } from '../texts.ts';

/** Types of incidents that the platform opens from findings of its own; all others come from devices' reports. */
type FindingType = 'clone' | 'ledger';

export const incidentWords: Readonly<Record<ReportType | FindingType, Texts>> = {
  clone: { zh: '身份被克隆', en: 'Cloned identity' },
  ledger: { zh: '账本不一致', en: 'Conflict of the ledger' },
  tamper: { zh: '物理篡改', en: 'Physical tampering' },
  boot_integrity: { zh: '启动完整性受损', en: 'Boot integrity' },
  debug_port: { zh: '调试端口', en: 'Debug port' },
  auth_fail: { zh: '身份验证失败', en: 'Failed authentication' },
  unexpected_process: { zh: '异常进程', en: 'Unexpected process' },
  config_change: { zh: '配置变更', en: 'Change of configuration' },
  update_fail: { zh: '更新失败', en: 'Failed update' },
  network: { zh: '网络异常', en: 'Network anomaly' },
  malware: { zh: '恶意软件', en: 'Malware' },
  resource: { zh: '资源异常', en: 'Resource anomaly' },
  selftest: { zh: '自检', en: 'Self-test' },
  overflow: { zh: '报告队列溢出', en: 'Overflow of the report queue' },
  metrics: { zh: '运行指标', en: 'Metrics' },
  custom: { zh: '其他', en: 'Other' },
};

/** Entries of an incident's timeline. */
export const incidentStepWords: Readonly<Record<'opened' | 'report' | 'confirm' | 'contain' | 'close', Texts>> = {
  opened: { zh: '建立', en: 'opened' },
  report: { zh: '再次上报', en: 'reported again' },
  confirm: { zh: '确认', en: 'confirmed' },
  contain: { zh: '遏制', en: 'contained' },
  close: { zh: '关闭', en: 'closed' },
};
