export type {
  Caller,
  Context,
  ContextOf,
  Handler,
  HandlerAnswer,
  Handlers,
  KnownCaller,
  PublicCaller,
  RawAnswer,
  RequestOf,
} from './context.ts';
