import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { startI18n } from './app/i18n.ts';
import { startWatching } from './app/live.ts';
import { makeQueryClient } from './app/query.ts';
import { makeRouter } from './app/routes.tsx';
import { Look } from './app/theme.tsx';

await startI18n();
startWatching();
const root = document.getElementById('root');
if (!root) throw new Error('the page has no root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={makeQueryClient()}>
      <Look>
        <RouterProvider router={makeRouter()} />
      </Look>
    </QueryClientProvider>
  </StrictMode>,
);
