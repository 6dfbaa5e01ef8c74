import type { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import { IntermissionError } from '../../errors.ts';

export function refuseWhileClosed(key: CloudflareApiKey, verb: string, domains: string[]): IntermissionError {
  return new IntermissionError(
    'in_use',
    `The API key "${key.name}" cannot be ${verb} while sites of it are in maintenance: ${shortList(domains)}.`,
    { hint: 'Reopen them first: only this key can remove their rules.', details: { sites: domains } },
  );
}

export function refuseWhileDefault(key: CloudflareApiKey, verb: string, others: string[]): IntermissionError {
  return new IntermissionError(
    'in_use',
    `The API key "${key.name}" is the default and cannot be ${verb} while another key is active.`,
    { hint: `Make another key the default first: ${shortList(others)}.`, details: { activeKeys: others } },
  );
}

export function refuseWhileUsed(
  key: CloudflareApiKey,
  count: number,
  moveTo: CloudflareApiKey | undefined,
): IntermissionError {
  const target = moveTo === undefined || moveTo.id === key.id ? undefined : moveTo.name;
  const sites = count === 1 ? '1 site uses it' : `${count} sites use it`;
  const why =
    target === undefined
      ? sites
      : `${sites}, and the API key "${target}" that they would move to is inactive`;
  return new IntermissionError('in_use', `The API key "${key.name}" cannot be removed: ${why}.`, {
    hint:
      target === undefined
        ? 'Name the active key that they shall use instead with --move-to NAME.'
        : `Activate "${target}" first, or name another key.`,
    details: { sites: count },
  });
}

export function refuseInactiveDefault(key: CloudflareApiKey): IntermissionError {
  return new IntermissionError('in_use', `The API key "${key.name}" is inactive and cannot be the default.`, {
    hint: `Activate it first: \`intermission api-key activate ${key.name}\`.`,
  });
}

export function refuseNewDefault(current: CloudflareApiKey, domains: string[]): IntermissionError {
  return new IntermissionError(
    'in_use',
    `Another key cannot become the default while sites that "${current.name}" has closed as the default are in maintenance: ${shortList(domains)}.`,
    {
      hint: 'Reopen them first, or give them that key as their own (intermission site edit DOMAIN --api-key NAME). If the new key may edit their zones, --force hands them over.',
      details: { sites: domains },
    },
  );
}

function shortList(names: readonly string[]): string {
  const rest = names.length - 5;
  return rest > 0 ? `${names.slice(0, 5).join(', ')} and ${rest} more` : names.join(', ');
}
