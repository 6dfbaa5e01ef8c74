import { isIP } from 'node:net';
import { type Connection, type Exchange, exchange } from './exchange.ts';
import { failureOf } from './failure.ts';
import { type Resolve, resolveWithin } from './resolve.ts';
import type { Answer, Failure, Observation } from './types.ts';

/** How requests of the prover are made. */
export interface LookOptions {
  /** Connect there instead of resolving the host: `http://127.0.0.1:8788`. */
  edgeAddress?: string | undefined;
  resolve: Resolve;
  timeoutMs: number;
  /** Instead of 443 and 80: for tests. */
  ports?: Record<Scheme, number> | undefined;
  /** Certificates to trust instead of the usual ones: for tests. */
  ca?: string | undefined;
}

export interface Look {
  host: string;
  path: string;
  /** Makes the request one that no cache has seen. */
  word: string;
  /** Whether to find out, after this answer, which address this machine is seen with. */
  wantsOwnAddress: (answer: Answer) => boolean;
  signal?: AbortSignal | undefined;
}

type Scheme = Answer['scheme'];

const USUAL_PORTS: Record<Scheme, number> = { https: 443, http: 80 };

const USER_AGENT = 'Intermission-Probe/1 (maintenance check)';

/**
 * Looks once, as a visitor would: https first. Where https is not served at all (refused, or no TLS that a browser
 * accepts) the host is for http visitors only, and their answer decides.
 * Rejects only when `signal` aborts.
 */
export async function lookOnce(look: Look, options: LookOptions): Promise<Observation> {
  const first = await ask('https', look, options);
  if (options.edgeAddress !== undefined || !isHttpOnly(first)) return first;
  const second = await ask('http', look, options);
  return second.kind === 'answer' ? { ...second, httpsFailure: first.text } : first;
}

function isHttpOnly(observation: Observation): observation is Failure {
  return observation.kind === 'failure' && ['refused', 'tls'].includes(observation.cause);
}

async function ask(scheme: Scheme, look: Look, options: LookOptions): Promise<Observation> {
  try {
    const connection = await connectionTo(scheme, look, options);
    const url = new URL(`${scheme}://${look.host}/`);
    url.pathname = look.path;
    url.search = `intermission-probe=${look.word}`;
    const reply = await send(url, connection, look, options, 0);
    const answer = answerOf(reply, scheme, url);
    if (!look.wantsOwnAddress(answer)) return answer;
    const own = await seenAddress(url, connection, look, options);
    return { ...answer, ...(own !== undefined && { ownAddress: own }) };
  } catch (error) {
    look.signal?.throwIfAborted();
    return asFailure(error, options);
  }
}

async function connectionTo(scheme: Scheme, look: Look, options: LookOptions): Promise<Connection> {
  const { edgeAddress, ports, resolve, timeoutMs } = options;
  const target = new URL(edgeAddress ?? `${scheme}://${look.host}/`);
  const secure = target.protocol === 'https:';
  const port = Number(target.port) || (ports ?? USUAL_PORTS)[secure ? 'https' : 'http'];
  const addresses = await resolveWithin(resolve, target.hostname, { timeoutMs, signal: look.signal });
  return { secure, port, addresses };
}

function send(
  url: URL,
  connection: Connection,
  look: Look,
  options: LookOptions,
  maxBytes: number,
): Promise<Exchange> {
  const plain = url.protocol === 'https:' && !connection.secure;
  return exchange({
    url,
    connection,
    headers: {
      'user-agent': USER_AGENT,
      accept: 'text/html,*/*;q=0.8',
      'accept-encoding': 'identity',
      'cache-control': 'no-cache',
      // An unencrypted edge address stands for one that visitors meet by https.
      ...(plain && { 'x-forwarded-proto': 'https' }),
    },
    timeoutMs: options.timeoutMs,
    maxBytes,
    signal: look.signal,
    ca: options.ca,
  });
}

function answerOf({ status, headers }: Exchange, scheme: Scheme, url: URL): Answer {
  return {
    kind: 'answer',
    scheme,
    status,
    ...(headers.location !== undefined && { location: headers.location }),
    query: url.search.slice(1),
    cfRay: headers['cf-ray'] !== undefined,
    challenged: headers['cf-mitigated'] === 'challenge',
  };
}

/** The address that Cloudflare sees: it answers this path itself, on every proxied host. */
async function seenAddress(
  url: URL,
  connection: Connection,
  look: Look,
  options: LookOptions,
): Promise<string | undefined> {
  try {
    const trace = await send(new URL('/cdn-cgi/trace', url), connection, look, options, 4096);
    const [, address = ''] = /^ip=(\S+)$/m.exec(trace.body) ?? [];
    return isIP(address) === 0 ? undefined : address;
  } catch {
    look.signal?.throwIfAborted();
    return undefined;
  }
}

/** An edge address that closes the connection without a reply has no such host, as one that does not resolve. */
function asFailure(error: unknown, { edgeAddress }: LookOptions): Failure {
  const failure = failureOf(error);
  if (edgeAddress === undefined) return failure;
  if (failure.cause === 'dns')
    return { ...failure, cause: 'connection', text: 'the edge address does not resolve' };
  if (failure.cause !== 'closed') return failure;
  const text = 'the edge address closed the connection without a reply';
  return { ...failure, cause: 'dns', final: true, text };
}
