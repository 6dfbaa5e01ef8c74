import { isIP } from 'node:net';
import { type Channel, type Handover, type Message, plainError } from './channel.ts';

export interface MailOptions {
  /** `smtp://` or `smtps://`, with user name and password where the server wants them. */
  url: string;
  /** An address, or `Name <address>`. */
  from: string;
  to: readonly string[];
  /** Certificates to trust instead of the usual ones: for tests. */
  ca?: string | undefined;
}

type Transport = Awaited<ReturnType<typeof openTransport>>;

const TIMEOUT_MS = 20_000;

/** Sends notices by SMTP, one mail to all recipients. The Message-ID follows from the notice: a repeat has the same. */
export class MailChannel implements Channel {
  readonly #options: MailOptions;
  #transport: Promise<Transport> | undefined;

  constructor(options: MailOptions) {
    this.#options = options;
  }

  async send(message: Message, to: readonly string[] = this.#options.to): Promise<Handover> {
    this.#transport ??= openTransport(this.#options);
    const transport = await this.#transport;
    try {
      const { rejected } = await transport.sendMail(this.#mail(message, to));
      if (rejected.length === 0) return { ok: true };
      return { ok: false, error: `The mail server refused ${rejected.join(', ')}.`, remaining: rejected };
    } catch (error) {
      return { ok: false, error: this.#reasonOf(error) };
    }
  }

  close(): void {
    const open = this.#transport;
    this.#transport = undefined;
    void open?.then((transport) => transport.close({ force: true }));
  }

  #mail({ id, subject, text, event, createdAt }: Message, to: readonly string[]) {
    const { from } = this.#options;
    return {
      from,
      to: [...to],
      subject,
      text,
      date: createdAt,
      messageId: `<${id}@${domainOf(from)}>`,
      // Machines that answer mail leave such mail alone.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Intermission-Event': event },
      disableFileAccess: true,
      disableUrlAccess: true,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
  }

  #reasonOf(error: unknown): string {
    const { message } = Object(error) as { message?: unknown };
    const isTimeout = Object(error).name === 'AbortError' || Object(error).name === 'TimeoutError';
    const text = isTimeout ? `no answer within ${TIMEOUT_MS / 1000} s` : String(message ?? error);
    const { user, password } = partsOf(this.#options.url);
    const both = `\0${user}\0${password}`;
    return `The mail server: ${plainError(text, password === '' ? [] : [password, both])}`;
  }
}

/** Loaded when the first mail is sent. */
async function openTransport({ url, ca }: MailOptions) {
  const { createTransport } = await import('nodemailer');
  const { host, port, secure, user, password } = partsOf(url);
  const hasPassword = password !== '';
  // A password never leaves this machine unencrypted. Without one, encryption is taken where it is offered.
  const mustEncrypt = hasPassword && !isThisMachine(host);
  return createTransport({
    pool: true,
    maxConnections: 3,
    // What failed is repeated by the outbox, which remembers it.
    maxRequeues: 0,
    host,
    ...(port !== undefined && { port }),
    secure,
    requireTLS: mustEncrypt,
    tls: { rejectUnauthorized: secure || mustEncrypt, ...(ca !== undefined && { ca }) },
    ...(user !== '' && { auth: { user, pass: password } }),
    connectionTimeout: TIMEOUT_MS / 2,
    greetingTimeout: TIMEOUT_MS / 2,
    socketTimeout: TIMEOUT_MS / 2,
  });
}

function partsOf(address: string) {
  const { protocol, hostname, port, username, password } = new URL(address);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? undefined : Number(port),
    secure: protocol === 'smtps:',
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function domainOf(from: string): string {
  return /@([^\s>@]+)>?\s*$/.exec(from)?.[1] ?? 'intermission.invalid';
}
