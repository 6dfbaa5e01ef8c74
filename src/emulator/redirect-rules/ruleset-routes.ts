import type { Route, ZoneCall } from '../call.ts';
import { type Reply, success } from '../envelope.ts';
import {
  invalid,
  missingEntrypoint,
  type RulesetProblem,
  refuse,
  rulesetExists,
  wrongKind,
} from './refusals.ts';
import { findQuotaProblems, type RulesetCall, readRoute, store, withRuleset, writeRoute } from './routing.ts';
import { findRules } from './rules-of-body.ts';
import { redirectPhase, rulesetBody, rulesetSummary, type StoredRuleset, withRules } from './ruleset.ts';
import { asObject, type Body, findUnknownFields, textOf } from './validate.ts';
import { newRuleset } from './write.ts';

const collection = '/zones/{zone_id}/rulesets';
const item = `${collection}/{ruleset_id}`;
const entrypoint = `${collection}/phases/${redirectPhase}/entrypoint`;

/** Rulesets as a whole (3.1); of other phases the emulator knows nothing. */
export const rulesetRoutes: readonly Route[] = [
  readRoute(collection, ({ config }) => success(config.redirects ? [rulesetSummary(config.redirects)] : [])),
  writeRoute('POST', collection, create),
  readRoute(entrypoint, readEntrypoint),
  writeRoute('PUT', entrypoint, replaceEntrypoint),
  readRoute(
    item,
    withRuleset(({ ruleset, state }) => success(rulesetBody(ruleset, state.switches))),
  ),
  writeRoute(
    'PUT',
    item,
    withRuleset((call) => replace(call, call.ruleset, wholeFields)),
  ),
  writeRoute('DELETE', item, withRuleset(remove)),
];

/** The entry point takes fewer fields than a ruleset by its id: `kind` is refused (3.1). */
const entrypointFields = ['name', 'description', 'rules'];
const wholeFields = [...entrypointFields, 'kind', 'phase'];

function readEntrypoint({ config, state }: ZoneCall): Reply {
  const { redirects } = config;
  return redirects === undefined
    ? missingEntrypoint(state.switches)
    : success(rulesetBody(redirects, state.switches));
}

function create(call: ZoneCall): Reply {
  const { state, zone } = call;
  const body = asObject(call.request.body);
  const problems = [...findBodyProblems(body, wholeFields), ...findKindProblems(body)];
  if (zone.config.redirects !== undefined) problems.push(rulesetExists);
  if (problems.length > 0) return refuse(state.switches, problems);
  return replaceRules(call, newRuleset(zone, named(body), state.now()), { version: 1 });
}

/** What any body may be wrong in, apart from its rules. */
function findBodyProblems(body: Body, fields: readonly string[]): RulesetProblem[] {
  const named = ['name', 'description'].filter(
    (name) => body[name] !== undefined && typeof body[name] !== 'string',
  );
  return [
    ...findUnknownFields(body, fields),
    ...named.map((name) =>
      invalid(name, textOf(body[name]), { reason: 'it is not a string', pointer: `/${name}` }),
    ),
  ];
}

function findKindProblems({ name, kind, phase }: Body): RulesetProblem[] {
  const problems: RulesetProblem[] = [];
  const blank = { reason: 'it cannot be blank', pointer: '/name' };
  if (name === undefined || name === '') problems.push(invalid('name', '', blank));
  if (kind !== 'zone') problems.push(wrongKind(textOf(kind)));
  const unknown = { reason: 'the emulator knows no other than the redirect phase', pointer: '/phase' };
  if (phase !== redirectPhase) problems.push(invalid('phase', textOf(phase), unknown));
  return problems;
}

/** Creates what is missing, else replaces every rule (3.1). */
function replaceEntrypoint(call: ZoneCall): Reply {
  const { state, zone } = call;
  const current = zone.config.redirects;
  if (current !== undefined) return replace(call, current, entrypointFields);
  const body = asObject(call.request.body);
  const problems = findBodyProblems(body, entrypointFields);
  if (problems.length > 0) return refuse(state.switches, problems);
  return replaceRules(call, newRuleset(zone, named(body), state.now()), { version: 1 });
}

function replace(call: ZoneCall, current: StoredRuleset, fields: readonly string[]): Reply {
  const body = asObject(call.request.body);
  const problems = findBodyProblems(body, fields);
  if (problems.length > 0) return refuse(call.state.switches, problems);
  const { name = current.name, description = current.description } = body as Partial<StoredRuleset>;
  return replaceRules(call, { ...current, name, description }, { version: current.version + 1 });
}

function replaceRules(call: ZoneCall, current: StoredRuleset, { version }: { version: number }): Reply {
  const { state, zone } = call;
  const rules = findRules(asObject(call.request.body)['rules'] ?? [], current.rules, call);
  const problems = 'problems' in rules ? rules.problems : findQuotaProblems(zone, rules.rules.length);
  if ('problems' in rules || problems.length > 0) return refuse(state.switches, problems);
  return store(call, { ...withRules(current, rules.rules, state.now()), version });
}

/** 204 without a body (3.1). */
function remove({ state, zone, request }: RulesetCall): Reply {
  if (request.query.has('dry_run')) return success(null);
  state.commit(zone, { redirects: undefined });
  return { status: 204 };
}

function named(body: Body): { name: string; description: string } {
  const { name, description } = body as { name?: string; description?: string };
  return { name: name ?? 'default', description: description ?? '' };
}
