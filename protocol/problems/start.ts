import type { ProblemRow } from './row.ts';

/** Why the platform does not start. */
export const startProblems = {
  'start/clock-behind': {
    status: 500,
    duty: 'A3.4.1',
    title: { zh: '系统时钟早于账本最后一条记录', en: 'The clock is behind the last ledger entry' },
    next: { zh: '请校准时钟后重新启动。', en: 'Set the clock, then start again.' },
  },
  'start/config-invalid': {
    status: 500,
    title: { zh: '配置无效', en: 'The configuration is not valid' },
    next: { zh: '请更正详情所列配置项。', en: 'Correct the keys named in the detail.' },
  },
  'start/data-locked': {
    status: 500,
    title: { zh: '数据目录正被其他进程使用', en: 'Another process uses the data directory' },
    next: { zh: '请停止该进程，或更换数据目录。', en: 'Stop the other process, or choose another directory.' },
  },
  'start/data-newer': {
    status: 500,
    title: { zh: '数据目录来自更新的版本', en: 'The data directory is of a newer version' },
    next: { zh: '请使用写入该目录的版本或更新版本启动。', en: 'Start the version that wrote it, or a newer one.' },
  },
  'start/data-unusable': {
    status: 500,
    title: { zh: '该目录不能用作数据目录', en: 'This directory cannot be the data directory' },
    next: {
      zh: '请使用空目录或本平台的数据目录，并检查其属主与权限。',
      en: 'Choose an empty directory or one of this platform, and check its owner and mode.',
    },
  },
  'start/database': {
    status: 500,
    duty: 'A3.3.6',
    title: { zh: '数据库无法打开', en: 'The database cannot be opened' },
    next: {
      zh: '请检查 database.url 与数据库服务；文件损坏时从最近的备份恢复。',
      en: 'Check database.url and its server; restore a damaged file from the last backup.',
    },
  },
  'start/keys-unreadable': {
    status: 500,
    duty: 'A3.3.4',
    title: { zh: '密钥无法读取', en: 'A key cannot be read' },
    next: {
      zh: '请检查所列文件的属主与权限（0600），或从密钥备份恢复。',
      en: 'Check owner and mode (0600) of the files named; restore them from the key backup.',
    },
  },
  'start/not-initialised': {
    status: 500,
    title: { zh: '数据目录尚未初始化', en: 'The data directory is not initialised' },
    next: { zh: '请运行 pactgate init，或不带 --no-init 启动。', en: 'Run pactgate init, or start without --no-init.' },
  },
  'start/port-taken': {
    status: 500,
    title: { zh: '端口已被占用', en: 'A port is taken' },
    next: { zh: '请停止占用程序或配置其他端口。', en: 'Stop the other program or configure another port.' },
  },
} as const satisfies Record<string, ProblemRow>;
