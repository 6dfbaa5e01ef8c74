const TIMES = { createdAt: 'created_at', updatedAt: 'updated_at' };

/** The tables of `domain/user.ts` in the words of better-auth. */
export const TABLES = {
  user: { modelName: 'auth_user', fields: { emailVerified: 'email_verified', ...TIMES } },
  session: {
    modelName: 'auth_session',
    fields: {
      userId: 'user_id',
      expiresAt: 'expires_at',
      ipAddress: 'ip_address',
      userAgent: 'user_agent',
      ...TIMES,
    },
  },
  account: {
    modelName: 'auth_account',
    fields: {
      userId: 'user_id',
      accountId: 'account_id',
      providerId: 'provider_id',
      accessToken: 'access_token',
      refreshToken: 'refresh_token',
      idToken: 'id_token',
      accessTokenExpiresAt: 'access_token_expires_at',
      refreshTokenExpiresAt: 'refresh_token_expires_at',
      ...TIMES,
    },
  },
  verification: { modelName: 'auth_verification', fields: { expiresAt: 'expires_at', ...TIMES } },
};

/** Those that the plug-in for roles adds. */
export const USER_COLUMNS = {
  user: { fields: { banReason: 'ban_reason', banExpires: 'ban_expires' } },
  session: { fields: { impersonatedBy: 'impersonated_by' } },
};
