import type { DatabaseConnection, Dialect, Driver } from 'kysely';
import { typed } from './errors.ts';

/** A dialect whose every failure is a `StoreError` where its kind is known, whoever asked for the statement. */
export const typedDialect = (dialect: Dialect): Dialect => ({
  createAdapter: () => dialect.createAdapter(),
  createDriver: () => driver(dialect.createDriver()),
  createIntrospector: (db) => dialect.createIntrospector(db),
  createQueryCompiler: () => dialect.createQueryCompiler(),
});

const driver = (inner: Driver): Driver => ({
  init: (options) => typed(() => inner.init(options)),
  acquireConnection: async (options) => new TypedConnection(await typed(() => inner.acquireConnection(options))),
  beginTransaction: (connection, settings) => typed(() => inner.beginTransaction(innerOf(connection), settings)),
  commitTransaction: (connection) => typed(() => inner.commitTransaction(innerOf(connection))),
  rollbackTransaction: (connection) => typed(() => inner.rollbackTransaction(innerOf(connection))),
  releaseConnection: (connection, options) => inner.releaseConnection(innerOf(connection), options),
  destroy: (options) => inner.destroy(options),
});

class TypedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly executeQuery: DatabaseConnection['executeQuery'];
  readonly streamQuery: DatabaseConnection['streamQuery'];

  constructor(inner: DatabaseConnection) {
    this.inner = inner;
    this.executeQuery = (query, options) => typed(() => inner.executeQuery(query, options));
    this.streamQuery = (query, chunkSize, options) => inner.streamQuery(query, chunkSize, options);
  }
}

function innerOf(connection: DatabaseConnection): DatabaseConnection {
  if (connection instanceof TypedConnection) return connection.inner;
  throw new TypeError('a connection of another driver');
}
