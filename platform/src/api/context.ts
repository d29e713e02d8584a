import type { Locale, Role } from '@pactgate/protocol';
import type { AnswerOf, BodyOf, ParamsOf, QueryOf, Route, RouteName, routes } from '@pactgate/protocol/api';
import type { Instant } from '../kernel/time.ts';

/** A person with a session or the bearer of an API token, after every check of `api/auth`. */
export interface KnownCaller {
  readonly kind: 'person' | 'token';
  /** Id of the person, or of the token. */
  readonly id: string;
  readonly name: string;
  /** Of persons only. */
  readonly email?: string;
  readonly role: Role;
  /** `platform` or the id of a device party. */
  readonly party: string;
  /** Agreements of the party (`b.*`: the only ones it reaches; the router has checked `:agreement`). */
  readonly agreements: readonly string[];
  /** The session proved a second factor; always true for tokens. */
  readonly secondFactor: boolean;
  /** The role asks for a second factor and the session has not proved one: only `me` answers then. */
  readonly secondFactorNeeded: boolean;
  /** End of the credential. */
  readonly expiresAt: Instant;
}

/** Nobody in particular: no credential, or a session that still owes its second factor on a public route. */
export interface PublicCaller {
  readonly kind: 'public';
  readonly id: 'public';
  readonly name: 'public';
  readonly role?: undefined;
  readonly party?: undefined;
  readonly agreements: readonly [];
  readonly secondFactor: false;
}

export type Caller = KnownCaller | PublicCaller;

/** What a handler knows of the request besides its checked input. */
export interface Context<C extends Caller = Caller> {
  readonly caller: C;
  /** Appears in the log and in `x-request-id`. */
  readonly requestId: string;
  readonly locale: Locale;
  /** Source address, for records and limits. */
  readonly address: string;
  /** Aborts when the time of the request is up or the client has gone. */
  readonly signal: AbortSignal;
}

/** Answer of a route whose `response` is a content type. `type` defaults to the one of the table. */
export interface RawAnswer {
  readonly type?: string;
  readonly body: Uint8Array | string;
  /** Sent as `content-disposition: attachment`. */
  readonly filename?: string;
}

type Table = typeof routes;
type CallerOf<R extends Route> = R['access'] extends 'public' ? Caller : KnownCaller;
type Given<R extends Route> = {
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
};
type Answer<R extends Route> = R['response'] extends string ? RawAnswer : AnswerOf<R>;

export type ContextOf<N extends RouteName> = Context<CallerOf<Table[N]>>;
/** Path parameters (shape checked), query (coerced and checked) and body (checked) of a route. */
export type RequestOf<N extends RouteName> = Given<Table[N]>;
export type HandlerAnswer<N extends RouteName> = Answer<Table[N]>;
/**
 * One operation. Refuse with `Problem`; anything else thrown reaches the peer as `internal`. Called only after the
 * role, the second factor and (for `b.*`) the `:agreement` were checked.
 */
export type Handler<N extends RouteName> = (
  context: ContextOf<N>,
  request: RequestOf<N>,
) => Promise<HandlerAnswer<N>> | HandlerAnswer<N>;

/** Every operation of the table; `main.ts` joins the parts of `api/rest/*`, each `Pick<Handlers, ...>`. */
export type Handlers = { readonly [N in RouteName]: Handler<N> };
