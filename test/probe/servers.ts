import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Starts a server on a free port of this machine, and stops it with the test. */
async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  const secure = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('secureConnection', (socket: Socket) => secure.add(socket));
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of [...sockets, ...secure]) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

export function httpServer(answer: RequestListener): Promise<number> {
  return listening(createServer(answer));
}

/** Without a certificate in `options` every handshake fails, as at Cloudflare for a name without one. */
export function tlsServer(options: ServerOptions, answer: RequestListener): Promise<number> {
  return listening(createTlsServer(options, answer));
}

export function tcpServer(meet: (socket: Socket) => void): Promise<number> {
  return listening(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      meet(socket);
    }),
  );
}

/** A port of this machine where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Every name is this machine. */
export const here = async () => [{ address: '127.0.0.1', family: 4 }];

/** No name exists. */
export const nowhere = async (name: string) => {
  throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), {
    code: 'ENOTFOUND',
    syscall: 'getaddrinfo',
  });
};
