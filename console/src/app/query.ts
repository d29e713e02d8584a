import { Problem } from '@pactgate/protocol';
import type { RouteName } from '@pactgate/protocol/api';
import {
  keepPreviousData,
  MutationCache,
  QueryCache,
  QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { type Answer, type Ask, api } from './api.ts';
import { useWatched } from './live.ts';
import { isAboutMe } from './problem.ts';

const meKey = ['me', {}] as const;

/** Answers of the platform, kept in memory alone. A session that ends anywhere brings the sign-in page. */
export function makeQueryClient(): QueryClient {
  const onError = (error: unknown): void => {
    if (isAboutMe(error)) void client.invalidateQueries({ queryKey: meKey });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // A refusal is an answer: asking again would get the same one. Only a lost connection is tried again.
      queries: { retry: (count, error) => !(error instanceof Problem) && count < 2, staleTime: 1_000 },
      mutations: { retry: false },
    },
  });
  return client;
}

export interface AskOptions {
  /** Ask again after so many milliseconds, as long as somebody is there; absent: never by itself. */
  readonly every?: number;
  readonly enabled?: boolean;
  /** Show the former answer while another page or filter loads. */
  readonly keep?: boolean;
}

/** The answer of a read route, kept fresh. */
export function useAsk<N extends RouteName>(
  name: N,
  request: Ask<N>,
  { every, enabled = true, keep = false }: AskOptions = {},
): UseQueryResult<Answer<N>> {
  const watched = useWatched();
  const query = useQuery<Answer<N>>({
    queryKey: [name, request],
    queryFn: () => api.call(name, request),
    enabled,
    refetchInterval: every !== undefined && watched ? every : false,
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  } as never); // the generic answer defeats the inference of the library's conditional types; the line above states it
  return query;
}

/** An operation that changes something; what it changed is asked for anew. */
export function useAct<N extends RouteName>(
  name: N,
  refreshes: readonly RouteName[] = [],
): UseMutationResult<Answer<N>, Error, Ask<N>> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: Ask<N>) => api.call(name, request),
    // Not awaited: the fresh answer may take away the very dialog that still has to say that it worked.
    onSuccess: () => {
      for (const route of refreshes) void client.invalidateQueries({ queryKey: [route] });
    },
  });
}
