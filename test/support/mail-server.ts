import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';

export interface ReceivedMail {
  from: string;
  /** Envelope: who it was sent to, whatever its headers say. */
  to: string[];
  /** Unfolded, as they were written, by lower-case name. */
  headers: Map<string, string>;
  /** The whole of it, as it came over the wire. */
  source: string;
  user: string | undefined;
  /** Whether the connection was encrypted. */
  encrypted: boolean;
}

export interface MailServer {
  port: number;
  mails: ReceivedMail[];
}

/** A real SMTP server on a free port of this machine. `refuse` names recipients that it does not know. */
export async function startMailServer(
  options: SMTPServerOptions & { refuse?: string[]; password?: string } = {},
): Promise<MailServer> {
  const { refuse = [], password, ...more } = options;
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: password === undefined,
    allowInsecureAuth: true,
    disabledCommands: more.key === undefined ? ['STARTTLS'] : [],
    closeTimeout: 100,
    onAuth: ({ username = '', password: given }, _session, callback) =>
      given === password
        ? callback(null, { user: username })
        : callback(new Error(`Wrong password for ${username}`)),
    onRcptTo: ({ address }, _session, callback) =>
      callback(refuse.includes(address) ? new Error(`No such user ${address}`) : null),
    onData: (stream, session, callback) => {
      void text(stream).then((source) => {
        mails.push({
          from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
          to: session.envelope.rcptTo.map(({ address }) => address),
          headers: headersOf(source),
          source,
          user: session.user,
          encrypted: session.secure,
        });
        callback();
      });
    },
    ...more,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(resolve)));
  return { port: (server.server.address() as AddressInfo).port, mails };
}

function headersOf(source: string): Map<string, string> {
  const [head = ''] = source.split('\r\n\r\n', 1);
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
}
