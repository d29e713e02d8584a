import type { Static, TObject, TSchema } from 'typebox';
import type { Role } from '../roles.ts';
import type { Texts } from '../texts.ts';

/**
 * One operation of the REST API: the single source of the server's checks, the OpenAPI document and the typed client.
 * `access`: `public` needs nothing; `person` any signed-in person or token; a list needs one of the roles. A role
 * `b.*` reaches only the agreement of its own party, whatever the list says. Every `:agreement` in a path is checked so.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly summary: Texts;
  readonly access: 'public' | 'person' | readonly Role[];
  readonly query?: TObject;
  readonly body?: TSchema;
  /** Schema of the JSON answer, or the content type of another one. */
  readonly response: TSchema | `text/${string}` | `application/${string}`;
}

type Names<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Names<Rest>
  : P extends `${string}:${infer Name}`
    ? Name
    : never;

export type ParamsOf<R extends Route> = Readonly<Record<Names<R['path']>, string>>;
export type QueryOf<R extends Route> = R extends { readonly query: infer Q extends TObject } ? Static<Q> : undefined;
export type BodyOf<R extends Route> = R extends { readonly body: infer B extends TSchema } ? Static<B> : undefined;
export type AnswerOf<R extends Route> = R['response'] extends infer S
  ? S extends string
    ? Uint8Array
    : S extends TSchema
      ? Static<S>
      : never
  : never;
