import type { AuthProvider, UserIdentity } from 'react-admin';
import type { Me, SessionAnswer } from '../../../src/server/contract/session.ts';
import { call } from './call.ts';

/** Who is signed in, where, and what they may do. */
export interface Identity extends UserIdentity {
  email: string;
  role: Me['role'];
  environment: string | null;
  version: string;
}

/** One question for all who ask at the same time; asked again when the session may have changed. */
let session: Promise<SessionAnswer> | undefined;

function currentSession(): Promise<SessionAnswer> {
  session ??= call<SessionAnswer>('GET', '/session').catch((error) => {
    session = undefined;
    throw error;
  });
  return session;
}

/** Signing in by e-mail and password; the session is a cookie that scripts cannot read. */
export const authProvider: AuthProvider = {
  async login({ username, password }: { username: string; password: string }) {
    session = Promise.resolve(await call<SessionAnswer>('POST', '/session', { email: username, password }));
  },
  async logout() {
    session = undefined;
    await call('DELETE', '/session').catch(() => undefined);
  },
  async checkAuth() {
    await currentSession();
  },
  async checkError({ status }: { status?: number }) {
    if (status !== 401) return;
    session = undefined;
    throw new Error('The session has ended.');
  },
  async getIdentity(): Promise<Identity> {
    const { user, environment, version } = await currentSession();
    return {
      id: user.id,
      fullName: user.name || user.email,
      email: user.email,
      role: user.role,
      environment,
      version,
    };
  },
  async getPermissions() {
    return (await currentSession()).user.role;
  },
};
