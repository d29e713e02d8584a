import type { RouteName } from '@pactgate/protocol/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactElement, type ReactNode, use } from 'react';
import { type Answer, api } from './api.ts';
import { mayCall } from './may.ts';
import { isSignedOut } from './problem.ts';

export type Me = Answer<'me'>;
const MeContext = createContext<Me | undefined>(undefined);

/** `null`: nobody is signed in. That is an answer, not an error. */
async function askMe(): Promise<Me | null> {
  try {
    return await api.call('me', {});
  } catch (error) {
    if (isSignedOut(error)) return null;
    throw error;
  }
}

export interface MeQuery {
  readonly me: Me | null | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
}
/** Who is signed in; `null`: nobody; undefined: not known yet. */
export function useMeQuery(): MeQuery {
  const { data, error, refetch } = useQuery({ queryKey: ['me', {}], queryFn: askMe, staleTime: 30_000 });
  return { me: data, error, refetch };
}

export function MeProvider({ me, children }: { readonly me: Me; readonly children: ReactNode }): ReactElement {
  return <MeContext value={me}>{children}</MeContext>;
}

/** The signed-in person; only inside {@link MeProvider}. */
export function useMe(): Me {
  const me = use(MeContext);
  if (!me) throw new Error('no one is signed in here');
  return me;
}

/** As {@link mayCall}, for whoever is signed in. */
export function useMay(): (name: RouteName) => boolean {
  const { role } = useMe();
  return (name) => mayCall(role, name);
}

/** Forgets everything that was shown and asks anew who is signed in: after sign-in, sign-out, a second factor. */
export function useRefreshMe(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });
    await client.invalidateQueries();
  };
}
