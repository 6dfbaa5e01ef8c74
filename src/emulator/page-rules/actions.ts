import type { PageRuleAction } from './rule.ts';

/** Settings of a page rule; `mirage` is no longer one (2.2), so a rule that still has it cannot be written again. */
export const settingIds: readonly string[] = [
  'always_use_https',
  'automatic_https_rewrites',
  'browser_cache_ttl',
  'browser_check',
  'bypass_cache_on_cookie',
  'cache_by_device_type',
  'cache_deception_armor',
  'cache_key_fields',
  'cache_level',
  'cache_on_cookie',
  'cache_ttl_by_status',
  'disable_apps',
  'disable_performance',
  'disable_security',
  'disable_zaraz',
  'edge_cache_ttl',
  'email_obfuscation',
  'explicit_cache_control',
  'forwarding_url',
  'host_header_override',
  'ip_geolocation',
  'opportunistic_encryption',
  'origin_error_page_pass_thru',
  'polish',
  'resolve_override',
  'respect_strong_etag',
  'response_buffering',
  'rocket_loader',
  'security_level',
  'sort_query_string_for_cache',
  'ssl',
  'true_client_ip_header',
  'waf',
];

const knownIds = new Set(settingIds);

/** What is wrong with actions, as texts of `messages`; the prefixes are those of 12, most words are ours. */
export function findActionProblems(actions: unknown): string[] {
  if (!Array.isArray(actions) || actions.length === 0) return ['.settings: At least one setting is required'];
  const problems = actions.flatMap((action: unknown, index) => findActionProblem(action, index));
  return problems.length > 0 ? problems : findMixProblems(actions as PageRuleAction[]);
}

/** Forwarding must be alone (1.7); the text is Cloudflare's (12). */
export function findMixProblems(actions: readonly PageRuleAction[]): string[] {
  const forwards = actions.some(({ id }) => id === 'forwarding_url');
  return forwards && actions.length > 1
    ? ['.settings: "forwarding_url" may not be used with "any setting"']
    : [];
}

function findActionProblem(action: unknown, index: number): string[] {
  const { id, value } = (action ?? {}) as { id?: unknown; value?: unknown };
  if (typeof id !== 'string' || !knownIds.has(id)) return [`.settings[${index}].id: Unknown setting`];
  if (id !== 'forwarding_url') return [];
  return findForwardingProblems(value).map((problem) => `.settings[${index}].value: ${problem}`);
}

/** 1.7: absolute, and only 301 or 302. Nothing rejects a loop (2.3). */
function findForwardingProblems(value: unknown): string[] {
  const { url, status_code: status } = (value ?? {}) as { url?: unknown; status_code?: unknown };
  const problems: string[] = [];
  if (typeof url !== 'string' || !/^https?:\/\/\S+$/i.test(url)) problems.push('The URL must be absolute');
  if (status !== 301 && status !== 302) problems.push('The status code must be 301 or 302');
  return problems;
}

/** Keeps what Cloudflare keeps: an action without a value is echoed without one (1.3). */
export function storedActions(actions: readonly PageRuleAction[]): PageRuleAction[] {
  return actions.map(({ id, value }) => (value === undefined ? { id } : { id, value }));
}

/** PATCH as seen in a live test: new ids are added, known ones get the new value (1.4). */
export function mergeActions(
  current: readonly PageRuleAction[],
  sent: readonly PageRuleAction[],
): PageRuleAction[] {
  const merged = new Map(current.map((action) => [action.id, action]));
  for (const action of sent) merged.set(action.id, action);
  return [...merged.values()];
}
