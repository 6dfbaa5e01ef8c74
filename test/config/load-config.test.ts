import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig, readEnvironment } from '../../src/config/load-config.ts';
import { VARIABLES } from '../../src/config/variables.ts';
import { IntermissionError } from '../../src/errors.ts';

const HOME = { HOME: '/home/ada' };

describe('loadConfig', () => {
  test('needs nothing: an empty environment gives every default', () => {
    expect(loadConfig(HOME)).toEqual({
      databaseUrl: 'sqlite:/home/ada/.local/share/intermission/intermission.db',
      dataDir: '/home/ada/.local/share/intermission',
      secretKeyFile: '/home/ada/.local/share/intermission/secret.key',
      autoMigrate: true,
      maintenanceUrl: 'https://docs.djangocfg.com/maintenance?site={domain}',
      cloudflareBaseUrl: 'https://api.cloudflare.com/client/v4',
      lockSeconds: 20,
      maxHours: 24,
      maxRetries: 3,
      retryBaseSeconds: 1,
      allowPrivateTargets: false,
      host: '127.0.0.1',
      port: 8000,
      logLevel: 'info',
    });
  });

  test('an override wins over the environment, which wins over the default', () => {
    const env = { ...HOME, INTERMISSION_LOCK_SECONDS: '30', INTERMISSION_MAX_RETRIES: '5' };
    expect(loadConfig(env, { lockSeconds: 2.5, maxRetries: undefined })).toMatchObject({
      lockSeconds: 2.5,
      maxRetries: 5,
      retryBaseSeconds: 1,
    });
  });

  test('an empty variable counts as not set', () => {
    const env = { ...HOME, DATABASE_URL: '', INTERMISSION_LOCK_SECONDS: '', CLOUDFLARE_API_TOKEN: '' };
    expect(loadConfig(env)).toEqual(loadConfig(HOME));
  });

  test('the data folder decides where the database and the key file are', () => {
    expect(loadConfig({ ...HOME, INTERMISSION_DATA_DIR: '/srv/data' })).toMatchObject({
      dataDir: '/srv/data',
      databaseUrl: 'sqlite:/srv/data/intermission.db',
      secretKeyFile: '/srv/data/secret.key',
    });
    expect(loadConfig({ ...HOME, XDG_DATA_HOME: '/xdg' }).dataDir).toBe('/xdg/intermission');
    expect(loadConfig({ ...HOME, XDG_DATA_HOME: 'relative' }).dataDir).toBe(
      '/home/ada/.local/share/intermission',
    );
  });

  test('visitors go to the page of this installation once it has a public address, unless another is set', () => {
    const env = { ...HOME, INTERMISSION_PUBLIC_URL: 'https://status.example.org/base/' };
    expect(loadConfig(env)).toMatchObject({
      publicUrl: 'https://status.example.org/base',
      maintenanceUrl: 'https://status.example.org/base/maintenance?site={domain}',
    });
    const other = { ...env, INTERMISSION_MAINTENANCE_URL: 'https://down.example.net/{domain}' };
    expect(loadConfig(other).maintenanceUrl).toBe('https://down.example.net/{domain}');
    const overrides = { maintenanceUrl: 'https://here.example.net/' };
    expect(loadConfig(other, overrides).maintenanceUrl).toBe('https://here.example.net/');
  });

  test.each([
    ['DATABASE_URL', 'sqlite:/a/b.db', 'databaseUrl', 'sqlite:/a/b.db'],
    ['DATABASE_URL', 'sqlite:///a/b.db', 'databaseUrl', 'sqlite:///a/b.db'],
    ['DATABASE_URL', 'postgres://u:p@h/db', 'databaseUrl', 'postgres://u:p@h/db'],
    ['INTERMISSION_AUTO_MIGRATE', 'OFF', 'autoMigrate', false],
    ['INTERMISSION_AUTO_MIGRATE', '1', 'autoMigrate', true],
    [
      'CLOUDFLARE_BASE_URL',
      'http://127.0.0.1:8787/client/v4/',
      'cloudflareBaseUrl',
      'http://127.0.0.1:8787/client/v4',
    ],
    ['CLOUDFLARE_BASE_URL', 'http://[::1]:8787', 'cloudflareBaseUrl', 'http://[::1]:8787'],
    ['INTERMISSION_RETRY_BASE_SECONDS', '0.05', 'retryBaseSeconds', 0.05],
    ['CLOUDFLARE_API_TOKEN', ' abc\n', 'cloudflareApiToken', 'abc'],
    ['INTERMISSION_EDGE_ADDRESS', 'http://127.0.0.1:8788/', 'edgeAddress', 'http://127.0.0.1:8788'],
    ['INTERMISSION_EDGE_ADDRESS', '127.0.0.1:8788', 'edgeAddress', 'http://127.0.0.1:8788'],
    ['INTERMISSION_EDGE_ADDRESS', '[::1]:8788', 'edgeAddress', 'http://[::1]:8788'],
    ['INTERMISSION_EDGE_ADDRESS', 'HTTPS://edge.example.net', 'edgeAddress', 'https://edge.example.net'],
    ['INTERMISSION_ALLOW_PRIVATE_TARGETS', '1', 'allowPrivateTargets', true],
  ])('understands %s=%j', (variable, value, name, parsed) => {
    expect(loadConfig({ ...HOME, [variable]: value })).toHaveProperty(name, parsed);
  });

  test.each([
    ['DATABASE_URL', 'mysql://h/db'],
    ['DATABASE_URL', 'sqlite:'],
    ['INTERMISSION_AUTO_MIGRATE', 'maybe'],
    ['INTERMISSION_PUBLIC_URL', 'status.example.org'],
    ['INTERMISSION_PUBLIC_URL', 'ftp://status.example.org'],
    ['INTERMISSION_PUBLIC_URL', 'https://u:p@status.example.org'],
    ['INTERMISSION_PUBLIC_URL', 'https://status.example.org/?a=1'],
    ['INTERMISSION_MAINTENANCE_URL', '/maintenance'],
    ['INTERMISSION_MAINTENANCE_URL', 'https://example.org/{until}'],
    ['PORT', '65536'],
    ['HOST', 'https://example.org'],
    ['LOG_LEVEL', 'loud'],
    ['INTERMISSION_MAINTENANCE_URL', `https://example.org/${'a'.repeat(500)}`],
    ['CLOUDFLARE_BASE_URL', 'http://api.cloudflare.com/client/v4'],
    ['CLOUDFLARE_BASE_URL', 'http://127.0.0.1.evil.example'],
    ['CLOUDFLARE_BASE_URL', 'http://localhost@evil.example'],
    ['CLOUDFLARE_API_TOKEN', 'two words'],
    ['INTERMISSION_LOCK_SECONDS', '0'],
    ['INTERMISSION_LOCK_SECONDS', '0x20'],
    ['INTERMISSION_MAX_RETRIES', '2.5'],
    ['INTERMISSION_MAX_RETRIES', '-1'],
    ['INTERMISSION_RETRY_BASE_SECONDS', 'Infinity'],
    ['INTERMISSION_EDGE_ADDRESS', 'http://127.0.0.1:8788/edge'],
    ['INTERMISSION_EDGE_ADDRESS', 'ftp://127.0.0.1'],
    ['INTERMISSION_EDGE_ADDRESS', 'http://u:p@127.0.0.1:8788'],
    ['INTERMISSION_EDGE_ADDRESS', '127.0.0.1:port'],
    ['INTERMISSION_EDGE_ADDRESS', 'http://127.0.0.1:8788?a=1'],
  ])('refuses %s=%j', (variable, value) => {
    expect(faultsOf({ ...HOME, [variable]: value }).map(({ setting }) => setting)).toEqual([variable]);
  });

  test('reports all faults at once, each with what was expected and what was found', () => {
    const env = { ...HOME, INTERMISSION_LOCK_SECONDS: 'soon', INTERMISSION_MAX_RETRIES: '99' };
    const error = errorOf(() => loadConfig(env, { cloudflareBaseUrl: 'gopher://x' }));
    expect(error.code).toBe('validation_failed');
    expect(error.message).toContain(
      'INTERMISSION_LOCK_SECONDS must be a number of seconds from 1 to 600, not "soon"',
    );
    expect(error.message).toContain('INTERMISSION_MAX_RETRIES must be a whole number from 0 to 10, not "99"');
    expect(error.message).toContain('cloudflareBaseUrl must be an https URL');
    expect(error.hint).toContain('.env');
  });

  test('never repeats a secret, not even a wrong one', () => {
    const env = {
      ...HOME,
      CLOUDFLARE_API_TOKEN: 'my token',
      DATABASE_URL: 'mysql://u:hunter2@h',
      INTERMISSION_SECRET_KEY: 'k k',
    };
    const error = errorOf(() => loadConfig(env));
    const everything = JSON.stringify([error.message, error.hint, error.details, String(error.stack)]);
    expect(error.details['faults']).toHaveLength(3);
    expect(everything).not.toMatch(/my token|hunter2|k k/);
  });

  test('shortens a long value in its message', () => {
    const error = errorOf(() => loadConfig({ ...HOME, INTERMISSION_MAX_RETRIES: 'x'.repeat(10_000) }));
    expect(error.message.length).toBeLessThan(300);
  });
});

describe('settings of notices', () => {
  const WEBHOOK = {
    INTERMISSION_WEBHOOK_URL: 'https://hooks.example.com/T0/B0/sesame?x=1',
    INTERMISSION_WEBHOOK_SECRET: '0123456789abcdef',
  };
  const MAIL = {
    SMTP_URL: 'smtps://ops:p%40ss@mail.example.com:465',
    INTERMISSION_MAIL_FROM: 'Intermission <down@example.com>',
    INTERMISSION_NOTIFY_EMAIL: ' ops@example.com, me@example.org,ops@example.com ,',
  };

  test('are taken as they are, and addresses one by one', () => {
    expect(loadConfig({ ...HOME, ...WEBHOOK, ...MAIL })).toMatchObject({
      webhookUrl: WEBHOOK.INTERMISSION_WEBHOOK_URL,
      webhookSecret: WEBHOOK.INTERMISSION_WEBHOOK_SECRET,
      smtpUrl: MAIL.SMTP_URL,
      mailFrom: MAIL.INTERMISSION_MAIL_FROM,
      notifyEmail: ['ops@example.com', 'me@example.org'],
    });
  });

  test('that need others name them; a mail server alone may be meant for somebody else', () => {
    expect(loadConfig({ ...HOME, SMTP_URL: MAIL.SMTP_URL })).toMatchObject({ smtpUrl: MAIL.SMTP_URL });
    const alone = {
      ...HOME,
      INTERMISSION_WEBHOOK_URL: WEBHOOK.INTERMISSION_WEBHOOK_URL,
      INTERMISSION_NOTIFY_EMAIL: 'ops@example.com',
    };
    const error = errorOf(() => loadConfig(alone));
    expect(error.message).toBe(
      'The configuration is not valid: INTERMISSION_WEBHOOK_SECRET must be set where INTERMISSION_WEBHOOK_URL is; SMTP_URL must be set where INTERMISSION_NOTIFY_EMAIL is; INTERMISSION_MAIL_FROM must be set where INTERMISSION_NOTIFY_EMAIL is.',
    );
  });

  test.each([
    ['INTERMISSION_WEBHOOK_URL', 'http://hooks.example.com/'],
    ['INTERMISSION_WEBHOOK_URL', 'https://user:sesame@hooks.example.com/'],
    ['INTERMISSION_WEBHOOK_URL', 'ftp://hooks.example.com/sesame'],
    ['INTERMISSION_WEBHOOK_SECRET', 'sesame'],
    ['INTERMISSION_WEBHOOK_SECRET', 'sesame sesame sesame'],
    ['SMTP_URL', 'mail.example.com'],
    ['SMTP_URL', 'https://mail.example.com'],
    ['SMTP_URL', 'smtp://u:%zzsesame@mail.example.com'],
    ['SMTP_URL', 'smtp://mail.example.com/?tls.rejectUnauthorized=false&sesame'],
    ['INTERMISSION_MAIL_FROM', 'nobody'],
    ['INTERMISSION_MAIL_FROM', 'a@example.com\r\nBcc: b@example.com'],
    ['INTERMISSION_MAIL_FROM', 'A, B <a@example.com>'],
    ['INTERMISSION_NOTIFY_EMAIL', 'a@example.com;b@example.com'],
    ['INTERMISSION_NOTIFY_EMAIL', 'a@example.com, b'],
    ['INTERMISSION_NOTIFY_EMAIL', ','],
  ])('%s=%s is refused, and no secret repeated', (name, value) => {
    const error = errorOf(() => loadConfig({ ...HOME, ...WEBHOOK, ...MAIL, [name]: value }));
    expect(error.message).toContain(`${name} must be `);
    expect(`${error.message}${JSON.stringify(error.details)}`).not.toContain('sesame');
  });
});

describe('readEnvironment', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'intermission-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('completes the environment from .env and lets the environment win', () => {
    writeFileSync(
      join(folder, '.env'),
      '# comment\nINTERMISSION_MAX_RETRIES=7\nINTERMISSION_LOCK_SECONDS="9"\n',
    );
    const env = readEnvironment(folder, { ...HOME, INTERMISSION_MAX_RETRIES: '1' });
    expect(loadConfig(env)).toMatchObject({ maxRetries: 1, lockSeconds: 9 });
  });

  test('does without the file, and ignores a folder of that name', () => {
    expect(readEnvironment(folder, HOME)).toEqual(HOME);
    mkdirSync(join(folder, '.env'));
    expect(readEnvironment(folder, HOME)).toEqual(HOME);
  });

  test('changes neither its argument nor the environment of the process', () => {
    writeFileSync(join(folder, '.env'), 'INTERMISSION_TEST_ONLY=1\n');
    const env = { ...HOME };
    readEnvironment(folder, env);
    expect(env).toEqual(HOME);
    expect(process.env).not.toHaveProperty('INTERMISSION_TEST_ONLY');
  });
});

test('every variable has a description that fits one line of a table', () => {
  for (const { description, defaultText } of Object.values(VARIABLES)) {
    expect(`${description}${defaultText}`).not.toMatch(/[\n|]/);
    expect(description).toMatch(/^[A-Z].{10,140}\.$/);
  }
});

function errorOf(run: () => unknown): IntermissionError {
  try {
    run();
  } catch (error) {
    if (error instanceof IntermissionError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

function faultsOf(env: Record<string, string>): { setting: string }[] {
  return errorOf(() => loadConfig(env)).details['faults'] as { setting: string }[];
}
