export { type CallOf, type Client, makeClient, type Send } from './client.ts';
export type { AnswerOf, BodyOf, ParamsOf, QueryOf, Route } from './route.ts';
export { type RouteName, routes } from './routes.ts';
