import { agreementRoutes } from './agreement.ts';
import { deviceRoutes } from './devices.ts';
import { ledgerRoutes } from './ledger.ts';
import { peopleRoutes } from './people.ts';

/** Every operation of `/api/v1`, by name. */
export const routes = { ...peopleRoutes, ...agreementRoutes, ...deviceRoutes, ...ledgerRoutes } as const;
export type RouteName = keyof typeof routes;
