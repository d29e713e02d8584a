import { createServer, type Server } from 'node:http';
import net from 'node:net';

/** A machine of a person's own: what its browser sends comes from a loopback address nobody else has. */
export interface Machine {
  /** As a browser takes it. */
  readonly proxy: string;
  close(): Promise<void>;
}

/**
 * Limits of sign-in count by address, and the people of these tests do not share one. A proxy that knows one method,
 * CONNECT to loopback, gives each of them theirs; TLS stays between browser and platform.
 */
export async function openMachine(address: string): Promise<Machine> {
  const sockets = new Set<net.Socket>();
  const server: Server = createServer((_, answer) => void answer.writeHead(405).end());
  server.on('connect', (request, client: net.Socket) => {
    const port = Number(/^localhost:(\d{1,5})$/.exec(request.url ?? '')?.[1] ?? 0);
    if (port === 0) {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const upstream = net.connect({ host: '127.0.0.1', port, localAddress: address });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // Either side may end at any time: the other is ended with it, and the browser tells what it missed.
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    upstream.on('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const at = server.address();
  const port = typeof at === 'object' && at !== null ? at.port : 0;
  return {
    proxy: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
