import type { ReactElement } from 'react';
import { Outlet } from 'react-router';
import { FactorPage } from '../pages/sign/factor-page.tsx';
import { SignInPage } from '../pages/sign/sign-in-page.tsx';
import { Splash } from '../parts/splash.tsx';
import { ProblemNote } from '../parts/states.tsx';
import { MeProvider, useMeQuery } from './me.tsx';
import { Shell } from './shell.tsx';

/** Lets in who is signed in and owes nothing; everybody else gets what is due first, at the address they asked for. */
export function SignedIn(): ReactElement {
  const { me, error, refetch } = useMeQuery();
  if (me === undefined)
    return error ? (
      <main className="page broken">
        <ProblemNote error={error} retry={() => void refetch()} />
      </main>
    ) : (
      <Splash />
    );
  if (me === null) return <SignInPage />;
  return (
    <MeProvider me={me}>
      {me.secondFactorNeeded ? (
        <FactorPage />
      ) : (
        <Shell>
          <Outlet />
        </Shell>
      )}
    </MeProvider>
  );
}
