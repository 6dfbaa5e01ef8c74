import * as z from 'zod/mini';
import {
  baseUrl,
  choice,
  databaseUrl,
  edgeAddress,
  flag,
  listenHost,
  longWord,
  mailAddress,
  mailAddresses,
  pageUrl,
  seconds,
  secureBaseUrl,
  smtpUrl,
  text,
  webhookUrl,
  wholeNumber,
  word,
} from './settings.ts';

/** What `docs/configuration.md` and error messages need to know about a variable beside its schema. */
export interface VariableInfo {
  /** Name in the environment and in `.env`. */
  env: string;
  /** One line for the documentation. */
  description: string;
  /** Default as the documentation shows it; empty when there is none. */
  defaultText: string;
  /** The value is never repeated, not even in the message that says it is wrong. */
  secret?: true;
}

/** Shape of every setting, by the name it has in code. */
export const configSchema = z.object({
  databaseUrl: z.optional(databaseUrl()),
  dataDir: z.optional(text('a folder')),
  secretKey: z.optional(word('text without white space')),
  secretKeyFile: z.optional(text('a file')),
  autoMigrate: z._default(flag(), true),
  publicUrl: z.optional(baseUrl()),
  maintenanceUrl: z.optional(pageUrl()),
  cloudflareApiToken: z.optional(word('text without white space')),
  cloudflareBaseUrl: z._default(secureBaseUrl(), 'https://api.cloudflare.com/client/v4'),
  lockSeconds: z._default(seconds(1, 600), 20),
  maxRetries: z._default(wholeNumber(0, 10), 3),
  retryBaseSeconds: z._default(seconds(0, 30), 1),
  maxHours: z._default(wholeNumber(0, 8_760), 24),
  edgeAddress: z.optional(edgeAddress()),
  allowPrivateTargets: z._default(flag(), false),
  webhookUrl: z.optional(webhookUrl()),
  webhookSecret: z.optional(longWord(16)),
  smtpUrl: z.optional(smtpUrl()),
  mailFrom: z.optional(mailAddress()),
  notifyEmail: z.optional(mailAddresses()),
  host: z._default(listenHost(), '127.0.0.1'),
  port: z._default(wholeNumber(0, 65_535), 8000),
  logLevel: z._default(choice(['debug', 'info', 'warn', 'error', 'silent']), 'info'),
  environmentLabel: z.optional(text('a short text')),
  metricsToken: z.optional(word('text without white space')),
  trustProxy: z.optional(text('addresses or networks')),
});

export type SettingName = keyof typeof configSchema.shape;

/** Every variable of the environment, in the order of the documentation. */
export const VARIABLES: Record<SettingName, VariableInfo> = {
  databaseUrl: {
    env: 'DATABASE_URL',
    description: 'Database: `sqlite:PATH` or `postgresql://USER:PASSWORD@HOST/DATABASE`.',
    defaultText: '`sqlite:` and `intermission.db` in the data folder',
    secret: true,
  },
  dataDir: {
    env: 'INTERMISSION_DATA_DIR',
    description: 'Data folder: the SQLite file and the key file.',
    defaultText: '`$XDG_DATA_HOME/intermission` or `~/.local/share/intermission`',
  },
  secretKey: {
    env: 'INTERMISSION_SECRET_KEY',
    description: 'Key that seals API tokens in the database; instead of a key file.',
    defaultText: '',
    secret: true,
  },
  secretKeyFile: {
    env: 'INTERMISSION_SECRET_KEY_FILE',
    description: 'File that holds this key, readable by its owner only (mode 0600).',
    defaultText: '`secret.key` in the data folder',
  },
  autoMigrate: {
    env: 'INTERMISSION_AUTO_MIGRATE',
    description:
      'Whether to bring the database schema up to date when it is opened; otherwise `intermission migrate` does it.',
    defaultText: '`true`',
  },
  publicUrl: {
    env: 'INTERMISSION_PUBLIC_URL',
    description:
      'Address under which `intermission serve` is reached from the internet; closing it is refused.',
    defaultText: '',
  },
  maintenanceUrl: {
    env: 'INTERMISSION_MAINTENANCE_URL',
    description:
      'Page that visitors of a closed site are sent to; `{domain}` stands for the site and, in the query, `{until}` for the end.',
    defaultText:
      '`/maintenance?site={domain}` below `INTERMISSION_PUBLIC_URL`; without that `https://docs.djangocfg.com/maintenance?site={domain}`',
  },
  cloudflareApiToken: {
    env: 'CLOUDFLARE_API_TOKEN',
    description: 'API token that is used when no key is stored, and with `--api-key env`; never stored.',
    defaultText: '',
    secret: true,
  },
  cloudflareBaseUrl: {
    env: 'CLOUDFLARE_BASE_URL',
    description: 'Address of the Cloudflare API: https, or http to this machine (the emulator).',
    defaultText: '`https://api.cloudflare.com/client/v4`',
  },
  lockSeconds: {
    env: 'INTERMISSION_LOCK_SECONDS',
    description:
      'Lease of the lock on a zone in seconds; half of it is the time limit of one request to Cloudflare.',
    defaultText: '`20`',
  },
  maxRetries: {
    env: 'INTERMISSION_MAX_RETRIES',
    description: 'How often a failed request to Cloudflare is repeated.',
    defaultText: '`3`',
  },
  retryBaseSeconds: {
    env: 'INTERMISSION_RETRY_BASE_SECONDS',
    description: 'Wait before the first repetition in seconds; it doubles each time, up to 30.',
    defaultText: '`1`',
  },
  maxHours: {
    env: 'INTERMISSION_MAX_HOURS',
    description: 'A site that is held in maintenance for longer raises a notice, once per hold; 0 for never.',
    defaultText: '`24`',
  },
  edgeAddress: {
    env: 'INTERMISSION_EDGE_ADDRESS',
    description:
      'Where visits connect to instead of resolving the site, for tests and staging: `http://127.0.0.1:8788`, or `HOST:PORT` for http.',
    defaultText: '',
  },
  allowPrivateTargets: {
    env: 'INTERMISSION_ALLOW_PRIVATE_TARGETS',
    description:
      'Whether the maintenance page and other configured addresses may be private, loopback or link-local when they are fetched.',
    defaultText: '`false`',
  },
  webhookUrl: {
    env: 'INTERMISSION_WEBHOOK_URL',
    description: 'Where [notices](notifications.md) are posted as JSON: https, or http to this machine.',
    defaultText: '',
    secret: true,
  },
  webhookSecret: {
    env: 'INTERMISSION_WEBHOOK_SECRET',
    description: 'Key that signs what is posted there, at least 16 characters; needed for it.',
    defaultText: '',
    secret: true,
  },
  notifyEmail: {
    env: 'INTERMISSION_NOTIFY_EMAIL',
    description:
      'Addresses that get notices by mail, separated by commas; needs `SMTP_URL` and `INTERMISSION_MAIL_FROM`.',
    defaultText: '',
  },
  smtpUrl: {
    env: 'SMTP_URL',
    description:
      'Mail server: `smtps://USER:PASSWORD@HOST:465`, or `smtp://…`, which turns to TLS after the greeting.',
    defaultText: '',
    secret: true,
  },
  mailFrom: {
    env: 'INTERMISSION_MAIL_FROM',
    description: 'Sender of mail: `ops@example.com` or `Name <ops@example.com>`.',
    defaultText: '',
  },
  host: {
    env: 'HOST',
    description: 'Address that `intermission serve` listens on; `0.0.0.0` or `::` for all.',
    defaultText: '`127.0.0.1`',
  },
  port: {
    env: 'PORT',
    description: 'Port that `intermission serve` listens on; `0` takes any free one.',
    defaultText: '`8000`',
  },
  logLevel: {
    env: 'LOG_LEVEL',
    description: 'How much `intermission serve` logs, as JSON on stderr: debug, info, warn, error or silent.',
    defaultText: '`info`',
  },
  environmentLabel: {
    env: 'INTERMISSION_ENVIRONMENT',
    description: 'Label that the admin shows at the top, such as `staging`.',
    defaultText: '',
  },
  metricsToken: {
    env: 'INTERMISSION_METRICS_TOKEN',
    description: 'Bearer token that `/metrics` asks for; without it there are no metrics.',
    defaultText: '',
    secret: true,
  },
  trustProxy: {
    env: 'INTERMISSION_TRUST_PROXY',
    description:
      'Proxies whose `X-Forwarded-For` and `-Proto` are believed: addresses or networks, separated by commas; `loopback`: this machine.',
    defaultText: '',
  },
};
