import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type * as z from 'zod/mini';
import { IntermissionError } from '../errors.ts';
import { configSchema, type SettingName, VARIABLES } from './variables.ts';

/** Values of variables by name, as in `process.env`. */
export type Environment = Record<string, string | undefined>;

type Settings = z.output<typeof configSchema>;

/** Everything that can be configured, validated and with all defaults filled in. */
export type Config = Readonly<
  Settings & {
    databaseUrl: string;
    dataDir: string;
    secretKeyFile: string;
    maintenanceUrl: string;
  }
>;

/** Settings that win over the environment, from flags or library options. They are validated like variables. */
export type ConfigOverrides = { readonly [Name in SettingName]?: string | number | boolean | undefined };

/** The page of the original application, used while this installation has no address of its own. */
const FALLBACK_PAGE = 'https://docs.djangocfg.com/maintenance?site={domain}';

/**
 * Turns the environment into one validated object: overrides win over `env`, which wins over defaults.
 * Empty variables count as not set. Without `env` it reads the environment and `.env` of the working folder.
 *
 * @throws IntermissionError `validation_failed`, naming every faulty setting at once; secrets are not repeated.
 */
export function loadConfig(env: Environment = readEnvironment(), overrides: ConfigOverrides = {}): Config {
  const input = collectInput(env, overrides);
  const parsed = configSchema.safeParse(input);
  const faults = parsed.success ? missingSettings(parsed.data) : parsed.error.issues;
  if (!parsed.success || faults.length > 0) throw faultyConfig(faults, input, overrides);
  return withDerivedDefaults(parsed.data, env);
}

/**
 * The environment of this process, completed by the `.env` file of the folder `cwd` (if there is one): a
 * variable that the environment sets is not changed by the file.
 *
 * @throws IntermissionError `validation_failed` when the file exists and cannot be read.
 */
export function readEnvironment(cwd: string = process.cwd(), env: Environment = process.env): Environment {
  const path = join(cwd, '.env');
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return { ...env };
  return { ...parseEnv(readEnvFile(path)), ...env };
}

function readEnvFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new IntermissionError('validation_failed', `The file ${path} cannot be read.`, {
      hint: 'Make it readable for this user, remove it, or run the command in another folder.',
      cause,
    });
  }
}

function collectInput(env: Environment, overrides: ConfigOverrides): Record<string, unknown> {
  const names = Object.keys(VARIABLES) as SettingName[];
  const pairs = names.map((name) => [name, overrides[name] ?? env[VARIABLES[name].env]] as const);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined && value !== ''));
}

function withDerivedDefaults(settings: Settings, env: Environment): Config {
  const dataDir = resolve(settings.dataDir ?? defaultDataDir(env));
  return {
    ...settings,
    dataDir,
    databaseUrl: settings.databaseUrl ?? `sqlite:${join(dataDir, 'intermission.db')}`,
    secretKeyFile: resolve(settings.secretKeyFile ?? join(dataDir, 'secret.key')),
    maintenanceUrl: settings.maintenanceUrl ?? ownPage(settings.publicUrl) ?? FALLBACK_PAGE,
  };
}

/** The page that `intermission serve` answers with. It knows the end by itself, so the address does not change with it. */
function ownPage(publicUrl: string | undefined): string | undefined {
  return publicUrl === undefined ? undefined : `${publicUrl}/maintenance?site={domain}`;
}

/** The XDG base directory specification ignores a relative path here. */
function defaultDataDir(env: Environment): string {
  const base = env['XDG_DATA_HOME'];
  return join(
    base?.startsWith('/') ? base : join(env['HOME'] || homedir(), '.local', 'share'),
    'intermission',
  );
}

/** Settings that mean nothing without others. `SMTP_URL` alone may be meant for another program. */
const NEEDS: readonly (readonly [SettingName, SettingName])[] = [
  ['webhookUrl', 'webhookSecret'],
  ['notifyEmail', 'smtpUrl'],
  ['notifyEmail', 'mailFrom'],
];

function missingSettings(settings: Settings): Fault[] {
  return NEEDS.filter(([has, needs]) => settings[has] !== undefined && settings[needs] === undefined).map(
    ([has, needs]) => ({ path: [needs], message: `must be set where ${VARIABLES[has].env} is` }),
  );
}

interface Fault {
  path: readonly PropertyKey[];
  message: string;
}

function faultyConfig(
  issues: readonly Fault[],
  input: Record<string, unknown>,
  overrides: ConfigOverrides,
): IntermissionError {
  const faults = issues.map(({ path, message }) => {
    const name = path[0] as SettingName;
    const { env, secret } = VARIABLES[name];
    const setting = overrides[name] === undefined ? env : name;
    const isShown = secret !== true && input[name] !== undefined;
    return { setting, problem: isShown ? `${message}, not ${shorten(input[name])}` : message };
  });
  const list = faults.map(({ setting, problem }) => `${setting} ${problem}`).join('; ');
  return new IntermissionError('validation_failed', `The configuration is not valid: ${list}.`, {
    hint: 'Correct the environment, the .env file of this folder or the option; docs/configuration.md lists all settings.',
    details: { faults },
  });
}

function shorten(value: unknown): string {
  const text = String(value);
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
