import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Address, timedOut } from './exchange.ts';

/** All addresses of a name. Rejects with code `ENOTFOUND` when there is no such name. */
export type Resolve = (name: string) => Promise<Address[]>;

/** As this machine resolves names: hosts file and search order included. */
export const resolveName: Resolve = (name) => lookup(name, { all: true });

/**
 * Resolves within a time. An address stands for itself.
 * Rejects with code `ETIMEDOUT` when the time is up, or with the reason of `signal`.
 */
export async function resolveWithin(
  resolve: Resolve,
  host: string,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<Address[]> {
  const name = host.replace(/^\[|\]$/g, '');
  const family = isIP(name);
  if (family !== 0) return [{ address: name, family }];
  signal?.throwIfAborted();
  const addresses = await orGiveUp(resolve(name), timeoutMs, signal);
  if (addresses.length === 0) {
    throw Object.assign(new Error(`no address for ${name}`), { code: 'ENOTFOUND', syscall: 'getaddrinfo' });
  }
  return addresses;
}

/** A name that is being resolved cannot be called back: its answer is then ignored. */
function orGiveUp<T>(work: Promise<T>, timeoutMs: number, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    const timer = setTimeout(() => {
      reject(Object.assign(timedOut(timeoutMs), { syscall: 'getaddrinfo' }));
    }, timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    });
  });
}
