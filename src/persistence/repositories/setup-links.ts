import { createHash, randomBytes } from 'node:crypto';
import { LockMode, type RequiredEntityData, type SqlEntityManager } from '@mikro-orm/sql';
import { SetupLink, User } from '../../domain/user.ts';
import { IntermissionError } from '../../errors.ts';

const TOKEN_BYTES = 32;
const LIFETIME_MS = 3_600_000;

/** A new token; undefined when there is a user already. Several servers of one database have one each. */
export async function createSetupToken(em: SqlEntityManager, now: Date): Promise<string | undefined> {
  await em.nativeDelete(SetupLink, { expiresAt: { $lte: now } });
  if ((await em.count(User)) > 0) return undefined;
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const expiresAt = new Date(now.getTime() + LIFETIME_MS);
  em.create(SetupLink, { tokenHash: hashOf(token), expiresAt } as RequiredEntityData<SetupLink>);
  await em.flush();
  return token;
}

/**
 * Uses a token up, and every other along with it.
 *
 * @throws IntermissionError `not_found` for a token that is wrong, used up or too old
 */
export async function useSetupToken(em: SqlEntityManager, token: string, now: Date): Promise<void> {
  // All of them: two links that are used at the same time make one user.
  const links = await em.find(
    SetupLink,
    {},
    { orderBy: { tokenHash: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  const isKnown = links.some(({ tokenHash, expiresAt }) => tokenHash === hashOf(token) && expiresAt > now);
  if (!isKnown || (await em.count(User)) > 0) {
    throw new IntermissionError(
      'not_found',
      'This set-up link does not work: it was used, or is older than an hour.',
      {
        hint: 'Start `intermission serve` again for a new one, or run `intermission user create EMAIL`.',
      },
    );
  }
  await em.nativeDelete(SetupLink, {});
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
