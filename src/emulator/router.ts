import type { Route } from './call.ts';

export type RouteMatch =
  | { kind: 'found'; route: Route; params: Record<string, string> }
  /** The path exists, but an id in it is no id. */
  | { kind: 'malformedId'; name: string }
  | { kind: 'wrongMethod' }
  | { kind: 'unknown' };

interface CompiledRoute {
  route: Route;
  segments: readonly string[];
}

/** Finds routes by path and method; ids are judged before the method, as the checks of 10 begin with them. */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => RouteMatch {
  const bySize = new Map<number, CompiledRoute[]>();
  for (const route of routes) {
    const segments = route.path.split('/');
    bySize.set(segments.length, [...(bySize.get(segments.length) ?? []), { route, segments }]);
  }
  return (method, path) => {
    const parts = path.split('/');
    const candidates = (bySize.get(parts.length) ?? []).filter(({ segments }) => fits(segments, parts));
    return choose(preferLiteral(candidates), method, parts);
  };
}

function fits(segments: readonly string[], parts: readonly string[]): boolean {
  return segments.every((segment, index) => isParameter(segment) || segment === parts[index]);
}

/** `/pagerules/settings` is not `/pagerules/{pagerule_id}`. */
function preferLiteral(candidates: readonly CompiledRoute[]): readonly CompiledRoute[] {
  const literal = candidates.filter(({ segments }) => !isParameter(segments.at(-1) ?? ''));
  return literal.length > 0 ? literal : candidates;
}

function choose(candidates: readonly CompiledRoute[], method: string, parts: readonly string[]): RouteMatch {
  const first = candidates[0];
  if (first === undefined) return { kind: 'unknown' };
  const params: Record<string, string> = {};
  for (const [index, segment] of first.segments.entries()) {
    if (!isParameter(segment)) continue;
    const name = segment.slice(1, -1);
    const value = parts[index] ?? '';
    if (!/^[0-9a-f]{32}$/i.test(value)) return { kind: 'malformedId', name };
    params[name] = value.toLowerCase();
  }
  const found = candidates.find(({ route }) => route.method === method);
  return found === undefined ? { kind: 'wrongMethod' } : { kind: 'found', route: found.route, params };
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{');
}
