import type { Route, ZoneCall } from '../call.ts';
import { type Reply, success } from '../envelope.ts';
import { duplicatePattern, invalidPageRule, quotaReached, unknownPageRule } from '../refusals.ts';
import type { Permission } from '../schemas.ts';
import { pageRuleQuota, stableId, timestamp } from '../zones.ts';
import { listPageRules } from './list.ts';
import { insertRule, moveRule } from './order.ts';
import { pageRuleBody, type StoredPageRule } from './rule.ts';
import { pageRuleSettings } from './settings.ts';
import { isDuplicate, type RuleFields, validatePatch, validateRule } from './validate.ts';

/** Permission groups of 6.3. */
const toWrite: readonly Permission[] = ['Page Rules Write', 'Zone Write'];
const toRead: readonly Permission[] = [...toWrite, 'Page Rules Read', 'Zone Read'];

const collection = '/zones/{zone_id}/pagerules';
const item = `${collection}/{pagerule_id}`;

/** The seven endpoints of 1.1; every success is a 200. */
export const pageRuleRoutes: readonly Route[] = [
  route('GET', `${collection}/settings`, toRead, () => success(pageRuleSettings)),
  route('GET', collection, toRead, ({ config, request }) => listPageRules(config.pageRules, request.query)),
  route('POST', collection, toWrite, create),
  route('GET', item, toRead, (call) => withRule(call, read)),
  route('PUT', item, toWrite, (call) => withRule(call, replace)),
  route('PATCH', item, toWrite, (call) => withRule(call, edit)),
  route('DELETE', item, toWrite, (call) => withRule(call, remove)),
];

function route(
  method: string,
  path: string,
  permissions: readonly Permission[],
  handleZone: (call: ZoneCall) => Reply,
): Route {
  return { method, path, realm: 'zone', permissions, userTokensOnly: true, handleZone };
}

interface RuleCall extends ZoneCall {
  readonly rule: StoredPageRule;
  readonly index: number;
}

function withRule(call: ZoneCall, handle: (call: RuleCall) => Reply): Reply {
  const index = call.config.pageRules.findIndex((rule) => rule.id === call.params['pagerule_id']);
  const rule = call.config.pageRules[index];
  if (rule === undefined) return unknownPageRule(call.state.switches.unknownRule);
  return handle({ ...call, rule, index });
}

/** Validation, then duplicate, then quota (10); priority 1, the lowest, unless sent (1.3). */
function create({ state, zone, request }: ZoneCall): Reply {
  const rules = zone.config.pageRules;
  const fields = validateRule(request.body, contextOf({ state, zone }, rules.length + 1));
  if (Array.isArray(fields)) return invalidPageRule(fields);
  if (isDuplicate(rules, fields, state.switches.duplicateIgnoresCase)) return duplicatePattern();
  if (rules.length >= pageRuleQuota(zone)) return quotaReached();
  zone.rulesMade += 1;
  const now = timestamp(state.now());
  const id = stableId(`page rule ${zone.id} ${zone.rulesMade}`);
  const rule = { ...stored(fields), id, createdOn: now, modifiedOn: now };
  const pageRules = insertRule(rules, rule, fields.priority ?? 1, state.switches.priorityMove);
  state.commit(zone, { pageRules });
  return success(pageRuleBody(rule, pageRules.indexOf(rule) + 1));
}

function read({ rule, index }: RuleCall): Reply {
  return success(pageRuleBody(rule, index + 1));
}

/** Keeps id and creation time; what is not sent falls back to its default (1.4). */
function replace(call: RuleCall): Reply {
  const { state, zone, request } = call;
  const fields = validateRule(request.body, contextOf(call, zone.config.pageRules.length));
  if (Array.isArray(fields)) return invalidPageRule(fields);
  const priority = fields.priority ?? (state.switches.putWithoutPriority === 'reset' ? 1 : undefined);
  return store(call, { ...fields, priority });
}

function edit(call: RuleCall): Reply {
  const { zone, rule, request } = call;
  const fields = validatePatch(request.body, rule, contextOf(call, zone.config.pageRules.length));
  return Array.isArray(fields) ? invalidPageRule(fields) : store(call, fields);
}

function store({ state, zone, rule, index }: RuleCall, fields: RuleFields): Reply {
  const { switches } = state;
  const rules = zone.config.pageRules;
  const candidate = { id: rule.id, targets: fields.targets };
  if (isDuplicate(rules, candidate, switches.duplicateIgnoresCase)) return duplicatePattern();
  const changed = { ...rule, ...stored(fields), modifiedOn: timestamp(state.now()) };
  const inPlace = rules.with(index, changed);
  const pageRules =
    fields.priority === undefined
      ? inPlace
      : moveRule(inPlace, index, fields.priority, switches.priorityMove);
  state.commit(zone, { pageRules });
  return success(pageRuleBody(changed, pageRules.indexOf(changed) + 1));
}

/** The rules above come down by one (1.6). */
function remove({ state, zone, rule, index }: RuleCall): Reply {
  state.commit(zone, { pageRules: zone.config.pageRules.toSpliced(index, 1) });
  return success({ id: rule.id });
}

function contextOf({ state, zone }: Pick<ZoneCall, 'state' | 'zone'>, highest: number) {
  return { zoneName: zone.name, switches: state.switches, highest };
}

function stored({ targets, actions, status }: RuleFields) {
  return { targets, actions, status };
}
