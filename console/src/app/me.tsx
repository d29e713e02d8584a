import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactElement, type ReactNode, use } from 'react';
import { type Answer, api } from './api.ts';
import { isSignedOut } from './problem.ts';

export type Me = Answer<'me'>;
const MeContext = createContext<Me | undefined>(undefined);

/** Who is signed in; undefined: nobody. */
export function useMeQuery(): { readonly me: Me | undefined; readonly loading: boolean; readonly error: unknown } {
  const { data, isPending, error } = useQuery({
    queryKey: ['me'],
    queryFn: () => api.call('me', {}),
    retry: false,
    staleTime: 30_000,
  });
  return { me: data, loading: isPending, error: isSignedOut(error) ? undefined : error };
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

/** Asks anew who is signed in: after sign-in, sign-out, a second factor. */
export function useRefreshMe(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await client.invalidateQueries();
  };
}
