import { expect, test } from 'vitest';
import type { Message } from '../../src/notifications/channel.ts';
import { MailChannel, type MailOptions } from '../../src/notifications/mail.ts';
import { closedPort, tcpServer } from '../probe/servers.ts';
import { startMailServer } from '../support/mail-server.ts';
import { selfSigned } from '../support/self-signed.ts';

const PASSWORD = 'Open, Sesame?';
const USER = `smtp://ops:${encodeURIComponent(PASSWORD)}`;
const message: Message = {
  id: '0b9b0c9e-6f3e-4f43-9d3c-9d3f1f6f2a11',
  event: 'operation.failed',
  subject: 'example.com: could not be closed',
  text: 'Größe: 5 € — Ende\n',
  createdAt: new Date('2026-06-01T12:00:00.000Z'),
  facts: {},
};

function open(url: string, options: Partial<MailOptions> = {}): MailChannel {
  return new MailChannel({
    url,
    from: 'Intermission <down@example.org>',
    to: ['ops@example.com'],
    ...options,
  });
}

async function sendOnce(channel: MailChannel, ...more: Parameters<MailChannel['send']>) {
  try {
    return await channel.send(...more);
  } finally {
    channel.close();
  }
}

test('a mail reaches all recipients, with a Message-ID that follows from the notice', async () => {
  const { port, mails } = await startMailServer();
  const to = ['ops@example.com', 'me@example.net'];
  expect(await sendOnce(open(`smtp://127.0.0.1:${port}`, { to }), message)).toEqual({ ok: true });
  expect(await sendOnce(open(`smtp://127.0.0.1:${port}`, { to }), message)).toEqual({ ok: true });
  expect(mails).toHaveLength(2);
  for (const { from, to: recipients, headers, source } of mails) {
    expect({ from, recipients }).toEqual({ from: 'down@example.org', recipients: to });
    expect(headers.get('message-id')).toBe(`<${message.id}@example.org>`);
    expect(headers.get('subject')).toBe(message.subject);
    expect(headers.get('to')).toBe('ops@example.com, me@example.net');
    expect(headers.get('auto-submitted')).toBe('auto-generated');
    expect(headers.get('date')).toBe('Mon, 01 Jun 2026 12:00:00 +0000');
    expect(source).toContain('=E2=82=AC');
  }
});

test('a repeat goes only to those who have not got it', async () => {
  const { port, mails } = await startMailServer({ refuse: ['gone@example.net'] });
  const channel = open(`smtp://127.0.0.1:${port}`, { to: ['ops@example.com', 'gone@example.net'] });
  expect(await channel.send(message)).toEqual({
    ok: false,
    error: 'The mail server refused gone@example.net.',
    remaining: ['gone@example.net'],
  });
  expect(await sendOnce(channel, message, ['gone@example.net'])).toMatchObject({ ok: false });
  expect(mails.map(({ to }) => to)).toEqual([['ops@example.com']]);
});

test('with a password it signs in, over TLS that begins with the connection', async () => {
  const { cert, key } = selfSigned('localhost');
  const { port, mails } = await startMailServer({ password: PASSWORD, cert, key, secure: true });
  const url = `${USER.replace('smtp:', 'smtps:')}@localhost:${port}`;
  expect(await sendOnce(open(url, { ca: cert }), message)).toEqual({ ok: true });
  expect(mails[0]).toMatchObject({ user: 'ops', encrypted: true });
});

test('smtps:// takes no certificate that nobody vouches for', async () => {
  const { cert, key } = selfSigned('localhost');
  const { port, mails } = await startMailServer({ password: PASSWORD, cert, key, secure: true });
  const url = `${USER.replace('smtp:', 'smtps:')}@localhost:${port}`;
  const reply = await sendOnce(open(url), message);
  expect(reply).toMatchObject({ ok: false, error: expect.stringMatching(/self.signed/) });
  expect(mails).toEqual([]);
});

test('smtp:// turns to TLS where the server offers it', async () => {
  const { port, mails } = await startMailServer(selfSigned('localhost'));
  expect(await sendOnce(open(`smtp://localhost:${port}`), message)).toEqual({ ok: true });
  expect(mails[0]).toMatchObject({ encrypted: true });
});

test('a password is not sent in clear text to another machine', async () => {
  const said: string[] = [];
  const port = await tcpServer((socket) => {
    socket.write('220 mail.example ESMTP\r\n');
    socket.on('data', (chunk) => {
      said.push(chunk.toString());
      socket.write(said.length === 1 ? '250-mail.example\r\n250 AUTH PLAIN LOGIN\r\n' : '502 No\r\n');
    });
  });
  // Another name of this machine, which is not known to be one.
  const reply = await sendOnce(open(`${USER}@[::ffff:127.0.0.1]:${port}`), message);
  expect(reply).toMatchObject({ ok: false });
  expect(said.join('')).toMatch(/^EHLO .*\r\nSTARTTLS\r\n$/);
});

test('a wrong password is told without repeating it, in no spelling', async () => {
  const { port } = await startMailServer({
    password: 'another one',
    onAuth: (_auth, _session, callback) => {
      const base64 = [PASSWORD, `\0ops\0${PASSWORD}`].map((text) => Buffer.from(text).toString('base64'));
      callback(new Error(`No: ${PASSWORD} ${encodeURIComponent(PASSWORD)} ${base64.join(' ')}`));
    },
  });
  const reply = await sendOnce(open(`${USER}@127.0.0.1:${port}`), message);
  expect(reply).toEqual({ ok: false, error: 'The mail server: Invalid login: 535 No: ••• ••• ••• •••' });
});

test('a server that refuses everybody, is not there or says nonsense is a plain error', async () => {
  const { port } = await startMailServer({ refuse: ['ops@example.com'] });
  expect(await sendOnce(open(`smtp://127.0.0.1:${port}`), message)).toMatchObject({
    ok: false,
    error: expect.stringContaining('No such user ops@example.com'),
  });
  const closed = await closedPort();
  expect(await sendOnce(open(`smtp://127.0.0.1:${closed}`), message)).toMatchObject({
    ok: false,
    error: expect.stringContaining('ECONNREFUSED'),
  });
  const odd = await tcpServer((socket) => socket.end(`554 \x1b[31mgo away\x07${'x'.repeat(5000)}\r\n`));
  const reply = await sendOnce(open(`smtp://127.0.0.1:${odd}`), message);
  expect(reply.ok ? '' : reply.error).toMatch(/^The mail server: [\x20-\x7e•]{10,400}$/);
});

test('a title that holds line breaks makes no header and no recipient', async () => {
  const { port, mails } = await startMailServer();
  const subject = 'Upgrade\r\nBcc: victim@example.net\r\n\r\nBuy\u2028now';
  expect(await sendOnce(open(`smtp://127.0.0.1:${port}`), { ...message, subject })).toEqual({ ok: true });
  expect(mails[0]?.to).toEqual(['ops@example.com']);
  expect([...(mails[0]?.headers.keys() ?? [])]).not.toContain('bcc');
  expect(mails[0]?.source).not.toMatch(/^(Bcc|Buy)/m);
});
