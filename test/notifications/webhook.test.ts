import { createHmac } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Message } from '../../src/notifications/channel.ts';
import { type Post, WebhookChannel } from '../../src/notifications/webhook.ts';
import { createChannels } from '../../src/parts.ts';
import { guardedFetch } from '../../src/probe/guarded-fetch.ts';
import { closedPort, here, httpServer, tlsServer } from '../probe/servers.ts';
import { selfSigned } from '../support/self-signed.ts';

const SECRET = 'correct-horse-battery';
const NOW = new Date('2026-06-01T12:00:00.900Z');
const message: Message = {
  id: '0b9b0c9e-6f3e-4f43-9d3c-9d3f1f6f2a11',
  event: 'operation.failed',
  subject: 'example.com: could not be closed',
  text: 'Größe — Ende\n',
  createdAt: new Date('2026-06-01T11:59:00.000Z'),
  facts: { site: 'example.com' },
};

interface Received {
  method: string | undefined;
  path: string | undefined;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

/** A receiver that keeps what it gets, and answers as told. */
function receiver(answer: RequestListener = (_request, response) => response.writeHead(204).end()) {
  const received: Received[] = [];
  const listener: RequestListener = async (request, response) => {
    const { method, url: path, headers } = request;
    received.push({ method, path, headers, body: await text(request) });
    answer(request, response);
  };
  return { received, listener };
}

/** As the documentation tells receivers to check it. */
function isGenuine(secret: string, { headers, body }: Received): boolean {
  const [, t = '', v1 = ''] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['intermission-signature'])) ?? [];
  return createHmac('sha256', secret).update(`${t}.${body}`).digest('hex') === v1;
}

async function sendBy(environment: Record<string, string>) {
  const config = loadConfig({ HOME: '/home/ada', INTERMISSION_WEBHOOK_SECRET: SECRET, ...environment });
  const channel = await createChannels(config, () => NOW).get('webhook')?.();
  return channel?.send(message);
}

const sendTo = (url: string) =>
  sendBy({ INTERMISSION_WEBHOOK_URL: url, INTERMISSION_ALLOW_PRIVATE_TARGETS: '1' });

test('a notice is one signed POST of JSON', async () => {
  const { received, listener } = receiver();
  const port = await httpServer(listener);
  expect(await sendTo(`http://127.0.0.1:${port}/hook/7?team=web`)).toEqual({ ok: true });
  expect(received).toHaveLength(1);
  const [got] = received as [Received];
  expect(got).toMatchObject({
    method: 'POST',
    path: '/hook/7?team=web',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'idempotency-key': message.id,
      'intermission-event': 'operation.failed',
      'intermission-signature': expect.stringMatching(/^t=1780315200,/),
    },
  });
  expect(JSON.parse(got.body)).toEqual({
    version: 1,
    id: message.id,
    event: 'operation.failed',
    createdAt: '2026-06-01T11:59:00.000Z',
    subject: message.subject,
    text: message.text,
    data: { site: 'example.com' },
  });
  expect(isGenuine(SECRET, got)).toBe(true);
  expect(isGenuine('another-secret-of-us', got)).toBe(false);
  expect(isGenuine(SECRET, { ...got, body: got.body.replace('example.com', 'example.net') })).toBe(false);
});

test('over https the certificate has to be good', async () => {
  const { cert, key } = selfSigned('localhost');
  const { received, listener } = receiver();
  const port = await tlsServer({ cert, key }, listener);
  expect(await sendTo(`https://localhost:${port}/`)).toEqual({
    ok: false,
    error: expect.stringContaining('TLS'),
  });
  const post: Post = (url, request) =>
    guardedFetch(url, { ...request, method: 'POST', allowPrivate: true, ca: cert, resolve: here });
  const channel = new WebhookChannel({
    url: `https://localhost:${port}/`,
    secret: SECRET,
    now: () => NOW,
    post,
  });
  expect(await channel.send(message)).toEqual({ ok: true });
  expect(received).toHaveLength(1);
});

test.each([200, 201, 202, 204, 299])('the status %i means that it was taken', async (status) => {
  const port = await httpServer(receiver((_request, response) => response.writeHead(status).end()).listener);
  expect(await sendTo(`http://127.0.0.1:${port}/`)).toEqual({ ok: true });
});

test.each([
  [400, 'The webhook answered 400.'],
  [410, 'The webhook answered 410.'],
  [500, 'The webhook answered 500.'],
  [503, 'The webhook answered 503.'],
])('the status %i means that it was not', async (status, error) => {
  const port = await httpServer(
    receiver((_request, response) => response.writeHead(status).end(`secret ${SECRET}`)).listener,
  );
  expect(await sendTo(`http://127.0.0.1:${port}/`)).toEqual({ ok: false, error });
});

test('a redirect is not followed', async () => {
  const other = receiver();
  const port = await httpServer(other.listener);
  const first = await httpServer((_request, response) =>
    response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end(),
  );
  expect(await sendTo(`http://127.0.0.1:${first}/`)).toEqual({
    ok: false,
    error: 'The webhook answered 307; redirects are not followed.',
  });
  expect(other.received).toEqual([]);
});

test('a huge answer is not read to its end, and one that never comes is not waited for', async () => {
  let written = 0;
  const huge = await httpServer((_request, response) => {
    const more = () => {
      if (response.destroyed) return;
      written += 65_536;
      response.write('x'.repeat(65_536), more);
    };
    more();
  });
  expect(await sendTo(`http://127.0.0.1:${huge}/`)).toEqual({ ok: true });
  expect(written).toBeLessThan(10_000_000);
  const silent = await httpServer(() => {});
  const limits: number[] = [];
  const post: Post = (url, { timeoutMs, ...request }) => {
    limits.push(timeoutMs);
    return guardedFetch(url, { ...request, method: 'POST', allowPrivate: true, timeoutMs: 50 });
  };
  const url = `http://127.0.0.1:${silent}/`;
  const channel = new WebhookChannel({ url, secret: SECRET, now: () => NOW, post });
  expect(await channel.send(message)).toEqual({ ok: false, error: 'no answer within 0.05 s' });
  expect(limits).toEqual([10_000]);
});

test('a private address is refused unless it is allowed, and nothing is sent there', async () => {
  const { received, listener } = receiver();
  const port = await httpServer(listener);
  const reply = await sendBy({ INTERMISSION_WEBHOOK_URL: `http://127.0.0.1:${port}/hook` });
  expect(reply).toEqual({ ok: false, error: expect.stringContaining('127.0.0.1 is not a public address') });
  expect(received).toEqual([]);
});

test('an error names neither the address, which may be a secret, nor the key', async () => {
  const port = await closedPort();
  const url = `http://127.0.0.1:${port}/services/T0/B0/sesame`;
  const refused = await sendTo(url);
  const post: Post = async () => ({ ok: false, message: `cannot reach ${url}\nwith ${SECRET}` });
  const channel = new WebhookChannel({ url, secret: SECRET, now: () => NOW, post });
  const told = await channel.send(message);
  expect(JSON.stringify([refused, told])).not.toMatch(/sesame|correct-horse/);
  expect(told).toEqual({ ok: false, error: 'cannot reach ••• with •••' });
});
