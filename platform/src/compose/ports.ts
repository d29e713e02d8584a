import net from 'node:net';
import { Problem } from '@pactgate/protocol';

/** Turns the system's refusal of a port into `start/port-taken`; anything else passes. */
export const portProblem =
  (port: number, key: string) =>
  (error: unknown): never => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE' || code === 'EACCES')
      throw new Problem('start/port-taken', `port ${port} (${key}) cannot be opened: ${code}`, { cause: error });
    throw error;
  };

/** The port to use: as configured, or a free one for 0, which is then known before anything is opened on it. */
export function choosePort(port: number, host: string): Promise<number> {
  if (port !== 0) return Promise.resolve(port);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = net.createServer();
  server.once('error', reject);
  server.listen({ host, port: 0 }, () => {
    const address = server.address();
    server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
  });
  return promise;
}
