import type { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import { IntermissionError, type JsonValue } from '../../errors.ts';
import { ENVIRONMENT_KEY } from './key-ring.ts';
import { parseName } from './site-input.ts';

/** What a person says of a new API key. */
export interface ApiKeyInput {
  name: string;
  /** In plain text; sealed before it is stored, and never shown again. */
  apiToken: string;
  description?: string | undefined;
  isDefault?: boolean | undefined;
}

const MAX_TOKEN = 500;
const MAX_DESCRIPTION = 2_000;

/**
 * Checks everything that needs neither database nor Cloudflare.
 *
 * @throws IntermissionError `validation_failed`; the token is not repeated
 */
export function parseApiKeyInput({ name, apiToken, description = '', isDefault = false }: ApiKeyInput) {
  return {
    name: parseKeyName(name),
    token: parseToken(apiToken),
    description: parseDescription(description),
    isDefault,
  };
}

/** The fields of a key that a log row shows: nothing of its token. */
export function auditedKey(key: CloudflareApiKey): { [field: string]: JsonValue } {
  return {
    name: key.name,
    description: key.description ?? '',
    accountId: key.accountId ?? null,
    isActive: key.isActive ?? true,
    isDefault: key.isDefault ?? false,
  };
}

function parseKeyName(text: string): string {
  const name = parseName('key', text);
  if (name.toLowerCase() !== ENVIRONMENT_KEY) return name;
  throw refuse(`"${name}" stands for the token in CLOUDFLARE_API_TOKEN.`, 'Choose another name.');
}

/** The form of tokens has changed more than once (reference 6.2): only what can never be one is refused. */
export function parseToken(text: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token) && token.length <= MAX_TOKEN) return token;
  throw refuse(
    'That is not an API token: it is empty, too long, or holds spaces.',
    'Pass the token alone, for example: intermission api-key add NAME --token-stdin < token.txt',
  );
}

function parseDescription(text: string): string {
  if (text.length <= MAX_DESCRIPTION) return text.trim();
  throw refuse(`The description has more than ${MAX_DESCRIPTION} characters.`, 'Shorten it.');
}

function refuse(message: string, hint: string): IntermissionError {
  return new IntermissionError('validation_failed', message, { hint });
}
