import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply } from './envelope.ts';
import type { HeldConnection } from './holds.ts';

/** One request's connection: answers it, breaks it off, and knows whether the client is still there. */
export class Connection implements HeldConnection {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly closed: Promise<void>;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
    this.closed = new Promise((resolve) => {
      response.once('close', resolve);
    });
  }

  isGone(): boolean {
    const { socket } = this.#request;
    return socket.destroyed || socket.readableEnded;
  }

  /** Sends a reply; false when there was nobody to send it to. */
  send(reply: Reply, headers: Record<string, string>): boolean {
    if (this.isGone()) return false;
    const text = reply.raw?.text ?? (reply.body === undefined ? '' : JSON.stringify(reply.body));
    const described = {
      'content-type': reply.raw?.contentType ?? 'application/json',
      'content-length': Buffer.byteLength(text),
    };
    // A 204 has no body to describe.
    this.#response.writeHead(reply.status, {
      ...headers,
      ...reply.headers,
      ...(reply.status === 204 ? {} : described),
    });
    this.#response.end(this.#request.method === 'HEAD' ? undefined : text);
    return true;
  }

  /** Ends the connection without a word, as when a proxy in between dies. */
  drop(): void {
    this.#request.socket.destroy();
  }

  reset(): void {
    this.#request.socket.resetAndDestroy();
  }
}

/** The whole body as text. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
