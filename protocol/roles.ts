/** Roles of people and of API tokens; `a.*` of the platform party, `b.*` of one device party. */
export const roles = {
  'a.admin': { en: 'Platform administrator', zh: '平台管理员' },
  'a.operator': { en: 'Platform operator', zh: '平台运维' },
  'a.security': { en: 'Security officer', zh: '平台安全员' },
  'a.auditor': { en: 'Platform auditor', zh: '平台审计员' },
  'b.admin': { en: 'Device party administrator', zh: '设备方管理员' },
  'b.engineer': { en: 'Device party engineer', zh: '设备方工程师' },
} as const;
export type Role = keyof typeof roles;
export const roleNames = Object.keys(roles) as readonly Role[]; // keys of a const object: exactly the roles
export const isRole = (text: string): text is Role => text in roles;
export const isPlatformRole = (role: Role): boolean => role.startsWith('a.');
