import { isPlatformRole, type Role, roleNames } from '@pactgate/protocol';

/** Party id of A; every other id is a device party. */
export const platformParty = 'platform';

/** Roles a person or token of this party can have: `a.*` belong to the platform party alone. */
export const rolesOfParty = (party: string): readonly Role[] =>
  roleNames.filter((role) => isPlatformRole(role) === (party === platformParty));

export const isRoleOfParty = (role: Role, party: string): boolean => rolesOfParty(party).includes(role);

/** Roles that answer nothing but `me` until the session has proved a second factor (platform protection, section 6). */
export const needsSecondFactor = (role: Role): boolean => isPlatformRole(role) || role === 'b.admin';

/** Looks after the people of the own party. */
export const isAdmin = (role: Role): boolean => role === 'a.admin' || role === 'b.admin';

/**
 * Roles an API token may carry when somebody of `role` makes it: the own one, and those whose every right it has too. A
 * test holds this against the route table, so that no token is a way to more rights.
 */
export const tokenRoles: Readonly<Record<Role, readonly Role[]>> = {
  'a.admin': ['a.admin', 'a.auditor'],
  'a.operator': ['a.operator'],
  'a.security': ['a.security', 'a.auditor'],
  'a.auditor': ['a.auditor'],
  'b.admin': ['b.admin', 'b.engineer'],
  'b.engineer': ['b.engineer'],
};
