import type { Role } from '@pactgate/protocol';
import { type Route, type RouteName, routes } from '@pactgate/protocol/api';

/**
 * Whether the route table lets a role call a route. The console shows what is allowed; the server decides, with the same
 * table.
 */
export function mayCall(role: Role, name: RouteName): boolean {
  const { access }: Route = routes[name];
  return access === 'public' || access === 'person' || access.includes(role);
}
