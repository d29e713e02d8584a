import { isProblemCode, Problem } from '../problems.ts';
import type { AnswerOf, BodyOf, ParamsOf, QueryOf, Route } from './route.ts';
import { type RouteName, routes } from './routes.ts';

type Table = typeof routes;
type Part<K extends string, V> = [V] extends [undefined] ? { readonly [k in K]?: undefined } : { readonly [k in K]: V };
/** What a call of this route takes: path parameters, query, body; members the route has not are absent. */
export type CallOf<R extends Route> = (keyof ParamsOf<R> extends never
  ? { readonly params?: undefined }
  : { readonly params: ParamsOf<R> }) &
  (QueryOf<R> extends undefined ? { readonly query?: undefined } : { readonly query?: QueryOf<R> }) &
  Part<'body', BodyOf<R>>;

/** Sends one HTTP request; the caller supplies trust, credentials, timeout. Body and answer are bytes. */
export type Send = (request: {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly accept: string;
}) => Promise<{ readonly status: number; readonly type: string; readonly body: Uint8Array }>;

export interface Client {
  call<N extends RouteName>(name: N, request: CallOf<Table[N]>): Promise<AnswerOf<Table[N]>>;
}

function address(
  route: Route,
  params: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const path = route.path.replaceAll(/:([a-z]+)/gi, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

function refusal(status: number, body: Uint8Array): Problem {
  const text = new TextDecoder().decode(body);
  try {
    const document = JSON.parse(text) as { code?: unknown; detail?: unknown };
    if (typeof document.code === 'string' && isProblemCode(document.code))
      return new Problem(document.code, typeof document.detail === 'string' ? document.detail : '');
  } catch (cause) {
    return new Problem('internal', `HTTP ${status}, body is no problem document`, { cause });
  }
  return new Problem('internal', `HTTP ${status}`);
}

/** Typed client of the REST API over any transport; a refusal is thrown as the {@link Problem} the server named. */
export function makeClient(send: Send): Client {
  return {
    async call(name, request) {
      const route: Route = routes[name];
      const {
        params = {},
        query = {},
        body,
      } = request as {
        params?: Record<string, string>;
        query?: Record<string, string | number | boolean | undefined>;
        body?: unknown;
      };
      const kind = typeof route.response === 'string' ? route.response : undefined;
      const answer = await send({
        method: route.method,
        path: address(route, params, query),
        accept: kind === undefined ? 'application/json' : `${kind}, application/json;q=0.5`,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (answer.status < 200 || answer.status > 299) throw refusal(answer.status, answer.body);
      // The server's answers are serialised by the same schema; a client trusts only their proofs, not their shape.
      return (kind === undefined ? JSON.parse(new TextDecoder().decode(answer.body)) : answer.body) as never;
    },
  };
}
