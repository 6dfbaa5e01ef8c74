import { type Reply, success } from '../envelope.ts';
import { invalidPageRule } from '../refusals.ts';
import { type PageRule, pageRuleList, type StoredPageRule } from './rule.ts';

const parameters: Record<string, readonly string[]> = {
  order: ['status', 'priority'],
  direction: ['asc', 'desc'],
  match: ['any', 'all'],
  status: ['active', 'disabled'],
};

/** Without a status both kinds are listed, whatever the specification says; no paging, no `result_info` (1.2, 1.5). */
export function listPageRules(rules: readonly StoredPageRule[], query: URLSearchParams): Reply {
  const problems = findParameterProblems(query);
  if (problems.length > 0) return invalidPageRule(problems);
  const status = query.get('status');
  const byPriority = pageRuleList(rules).filter((rule) => status === null || rule.status === status);
  const descending = query.get('order') === 'status' ? byPriority.toSorted(byStatusDescending) : byPriority;
  return success(query.get('direction') === 'asc' ? descending.reverse() : descending);
}

function byStatusDescending(a: PageRule, b: PageRule): number {
  return b.status.localeCompare(a.status);
}

function findParameterProblems(query: URLSearchParams): string[] {
  return Object.entries(parameters).flatMap(([name, allowed]) => {
    const value = query.get(name);
    return value === null || allowed.includes(value) ? [] : [`.${name}: Invalid value`];
  });
}
