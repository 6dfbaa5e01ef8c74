import type { DoubtfulRule, Drift, FoundRule, SiteCondition } from '../domain/drift.ts';
import type { LiveRow } from './live-row.ts';
import { isOverdue } from './site-state.ts';
import type { Field } from './table.ts';

/** A state in words: never by colour alone. */
export function conditionWords(condition: SiteCondition): string {
  return condition === 'maintenance' ? 'in maintenance' : condition === 'mixed' ? 'partly closed' : condition;
}

/** One difference in plain words. */
export function driftText(drift: Drift): string {
  const { pattern, found, by } = drift;
  switch (drift.kind) {
    case 'missing':
      return drift.ruleId === null
        ? `There is no rule ${pattern}, and none is recorded.`
        : `Our rule ${pattern} is gone from Cloudflare.`;
    case 'disabled':
      return `Our rule ${pattern} is switched off at Cloudflare.`;
    case 'changed':
      return drift.origin === 'here'
        ? editedText(drift)
        : `Our rule ${pattern} was changed at Cloudflare: ${ruleText(found)}.`;
    case 'outranked':
      return `Our rule ${pattern} may lose to a rule above it: ${ruleText(by)}.`;
    case 'rule_without_hold':
      return `Our rule ${pattern} is still there, and nothing holds the site any more.`;
    case 'replaced_changed':
      return found === null
        ? `The rule ${pattern}, in the place of one of yours, was removed at Cloudflare; yours is not put back.`
        : `A rule in the place of one of yours was changed at Cloudflare and is left as it is: ${ruleText(found)}.`;
    case 'closed_by_other_site':
      return `Its visitors are redirected by the rule ${by?.pattern} of ${by?.site}.`;
  }
}

/** One word or two for a table. */
export function driftWords(drift: Drift): string {
  const words: Record<Drift['kind'], string> = {
    missing: 'rule missing',
    disabled: 'rule switched off',
    changed: drift.origin === 'here' ? 'edit not applied' : 'rule changed',
    outranked: `outranked by ${drift.by?.pattern}`,
    rule_without_hold: 'rule without hold',
    replaced_changed: 'your rule changed',
    closed_by_other_site: `closed by ${drift.by?.site}`,
  };
  return words[drift.kind];
}

export function doubtfulText({ pattern, url, id, knownPage, wider }: DoubtfulRule): string {
  const page = knownPage
    ? 'Its destination is a maintenance page in use here.'
    : 'Its destination is not a page known here.';
  const more = wider ? ' It takes this site along with others.' : '';
  return `${pattern} → ${url} (rule ${id}) is not recorded here.${more} ${page}`;
}

/** What to do about it, each with the case that it is for. */
export function adviceFor(row: LiveRow): Field[] {
  const { site } = row;
  const kinds = new Set(row.drift.map(({ kind }) => kind));
  const others = new Set(row.drift.flatMap(({ by }) => by?.site ?? []));
  const isInterrupted = row.operations.some(({ running }) => !running);
  const repairs = row.maintenanceActive && !isOverdue(row) && row.drift.length > 0;
  return [
    ['To settle', isInterrupted || isOverdue(row) ? command('process_scheduled_maintenance') : undefined],
    ['To repair', repairs && !asksWhose(row) ? command(`maintenance enable ${site}`) : undefined],
    [
      'To open',
      repairs || kinds.has('rule_without_hold') ? command(`maintenance disable ${site}`) : undefined,
    ],
    ...[...others].map((other): Field => ['To open', command(`maintenance disable ${other}`)]),
    ...doubtAdvice(row, repairs),
  ];
}

/** Whose a rule on our own pattern is has to be said before anything is changed. */
function asksWhose({ doubtful }: Pick<LiveRow, 'doubtful'>): boolean {
  return doubtful.some(({ wider }) => !wider);
}

function doubtAdvice({ doubtful, maintenanceActive, site }: LiveRow, repairs: boolean): Field[] {
  if (asksWhose({ doubtful }) && repairs) {
    return [
      ['If forgotten', `${command(`maintenance enable ${site} --existing ours`)} repairs, and takes it over`],
      [
        'If yours',
        `${command(`maintenance enable ${site} --existing theirs`)} repairs, and puts it back afterwards`,
      ],
    ];
  }
  if (doubtful.length === 0 || maintenanceActive) return [];
  if (doubtful.every(({ wider }) => wider)) {
    return [['To open', 'reopen the domain above where it was closed, or change the rule at Cloudflare']];
  }
  return [
    ['If forgotten', `${command(`maintenance disable ${site} --existing ours`)} removes it`],
    [
      'If yours',
      `leave it; ${command(`maintenance enable ${site} --existing theirs`)} puts it back afterwards`,
    ],
  ];
}

function command(rest: string): string {
  return `intermission ${rest}`;
}

function editedText({ ruleId, pattern, url, found }: Drift): string {
  if (ruleId === null) return `The site was edited: the rule ${pattern} is not there yet.`;
  if (url === found?.url) return `The site was edited: its rule ${pattern} is not needed any more.`;
  return `The page was changed: visitors should go to ${url}, the rule sends them to ${found?.url}.`;
}

function ruleText(rule: FoundRule | null): string {
  if (rule === null) return 'it is gone';
  const does = rule.url === null ? 'with settings, no redirect' : `→ ${rule.url}`;
  return `${rule.pattern} ${does}${rule.active ? '' : ', switched off'} (rule ${rule.id})`;
}
