import { type AnswerOf, type CallOf, makeClient, type RouteName, type routes, type Send } from '@pactgate/protocol/api';
import { tooLongMs } from './bounds.ts';

/** Requests carry the session cookie; the answer's size is bounded by the server. */
const send: Send = async ({ method, path, body, accept }) => {
  const answer = await fetch(path, {
    method,
    headers: {
      accept,
      'accept-language': document.documentElement.lang,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    credentials: 'same-origin',
    signal: AbortSignal.timeout(tooLongMs),
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
/** What a call of a route takes, by name. */
export type Ask<N extends RouteName> = CallOf<(typeof routes)[N]>;
