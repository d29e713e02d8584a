import { createBrowserRouter, type RouteObject } from 'react-router';
import { Broken, NotFound } from '../pages/lost.tsx';
import { Splash } from '../parts/splash.tsx';
import { Home } from './home.tsx';
import { SignedIn } from './signed-in.tsx';

/** Pages of one agreement; the address carries its id, so that a link means the same to everybody who may see it. */
const ofAgreement: readonly RouteObject[] = [
  { index: true, lazy: async () => ({ Component: (await import('../pages/board/board-page.tsx')).BoardPage }) },
  {
    path: 'document',
    lazy: async () => ({ Component: (await import('../pages/agreement/document-page.tsx')).DocumentPage }),
  },
  {
    path: 'breaches',
    lazy: async () => ({ Component: (await import('../pages/agreement/breaches-page.tsx')).BreachesPage }),
  },
  { path: 'devices', lazy: async () => ({ Component: (await import('../pages/devices/list-page.tsx')).DevicesPage }) },
  {
    path: 'devices/:device',
    lazy: async () => ({ Component: (await import('../pages/device/device-page.tsx')).DevicePage }),
  },
  { path: 'models', lazy: async () => ({ Component: (await import('../pages/models/list-page.tsx')).ModelsPage }) },
  {
    path: 'models/:model',
    lazy: async () => ({ Component: (await import('../pages/models/model-page.tsx')).ModelPage }),
  },
  {
    path: 'incidents',
    lazy: async () => ({ Component: (await import('../pages/incidents/list-page.tsx')).IncidentsPage }),
  },
  {
    path: 'incidents/:incident',
    lazy: async () => ({ Component: (await import('../pages/incidents/incident-page.tsx')).IncidentPage }),
  },
];

const signedIn: readonly RouteObject[] = [
  { index: true, Component: Home },
  {
    path: 'a/:agreement',
    lazy: async () => ({ Component: (await import('../pages/agreement/frame.tsx')).AgreementFrame }),
    children: [...ofAgreement],
  },
  { path: 'ledger', lazy: async () => ({ Component: (await import('../pages/ledger/logs-page.tsx')).LogsPage }) },
  { path: 'ledger/:log', lazy: async () => ({ Component: (await import('../pages/ledger/log-page.tsx')).LogPage }) },
  {
    path: 'ledger/:log/:index',
    lazy: async () => ({ Component: (await import('../pages/ledger/record-page.tsx')).RecordPage }),
  },
  {
    path: 'parties',
    lazy: async () => ({ Component: (await import('../pages/parties/parties-page.tsx')).PartiesPage }),
  },
  { path: 'people', lazy: async () => ({ Component: (await import('../pages/people/people-page.tsx')).PeoplePage }) },
  { path: 'policy', lazy: async () => ({ Component: (await import('../pages/policy/policy-page.tsx')).PolicyPage }) },
  { path: 'events', lazy: async () => ({ Component: (await import('../pages/events/events-page.tsx')).EventsPage }) },
  {
    path: 'account',
    lazy: async () => ({ Component: (await import('../pages/account/account-page.tsx')).AccountPage }),
  },
  { path: '*', Component: NotFound },
];

/** Addresses of the console. One-time links come without a session; everything else asks for one and keeps its address. */
export const makeRouter = (): ReturnType<typeof createBrowserRouter> =>
  createBrowserRouter([
    {
      ErrorBoundary: Broken,
      HydrateFallback: Splash,
      children: [
        { path: 'setup', lazy: async () => ({ Component: (await import('../pages/sign/setup-page.tsx')).SetupPage }) },
        { path: 'join', lazy: async () => ({ Component: (await import('../pages/sign/join-page.tsx')).JoinPage }) },
        { path: 'recover', lazy: async () => ({ Component: (await import('../pages/sign/join-page.tsx')).JoinPage }) },
        {
          path: 'link-gone',
          lazy: async () => ({ Component: (await import('../pages/sign/link-gone-page.tsx')).LinkGonePage }),
        },
        { Component: SignedIn, ErrorBoundary: Broken, children: [...signedIn] },
      ],
    },
  ]);
