import { type AnswerOf, type CallOf, makeClient, type RouteName, type routes, type Send } from '@pactgate/protocol/api';

/** Requests carry the session cookie; the answer's size is bounded by the server. */
const send: Send = async ({ method, path, body, accept }) => {
  const answer = await fetch(path, {
    method,
    headers: { accept, 'accept-language': document.documentElement.lang, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    credentials: 'same-origin',
    signal: AbortSignal.timeout(30_000),
    ...(body === undefined ? {} : { body }),
  });
  return {
    status: answer.status,
    type: answer.headers.get('content-type') ?? '',
    body: new Uint8Array(await answer.arrayBuffer()),
  };
};

export const api = makeClient(send);

/** Answer of a route, by name. */
export type Answer<N extends RouteName> = AnswerOf<(typeof routes)[N]>;
export type Request<N extends RouteName> = CallOf<(typeof routes)[N]>;
