import type { Intermission } from '../../intermission.ts';
import { cliActor } from '../actor.ts';
import type { CommandContext, CommandResult, Warning } from '../command.ts';
import {
  type CloseOptions,
  DEFAULT_REASON,
  type ManyOptions,
  type SwitchOptions,
} from '../maintenance-options.ts';
import { type Proving, pageWarnings, provingOf } from '../proving.ts';
import { assertChosen, type Choice, type ChosenSites, chooseSites } from '../site-selection.ts';
import type { ManyRow } from './many-row.ts';
import { switchMany } from './switch-many.ts';

type Given = SwitchOptions & ManyOptions;

/** Of more sites, what visitors get is proven only when it is asked for. */
const PROVE_AT_MOST = 20;

/** `maintenance enable` of anything but one named site. */
export async function enableMany(
  choice: Choice,
  given: Given & CloseOptions & { end: Date | null | undefined },
  context: CommandContext,
): Promise<CommandResult<ManyRow>> {
  assertChosen(choice);
  const { flags, prompts } = context;
  const app = await context.openApp();
  const chosen = await chooseSites(app, choice, context.io);
  const asksReason = given.reason === undefined && prompts.interactive && !flags.yes && !flags.dryRun;
  const typed = asksReason
    ? await prompts.text('Reason, for the log', { placeholder: DEFAULT_REASON })
    : given.reason;
  const { message, url, engine, end } = given;
  const common = commonOptions(given, chosen, context);
  const warnings = await pagesOf(app, chosen, given, common, context.signal);
  const options = { ...common, reason: typed || DEFAULT_REASON, message, url, engine, until: end };
  return switchMany(app, { action: 'enable', chosen, options, warnings }, context);
}

/** `maintenance disable` of anything but one named site. */
export async function disableMany(
  choice: Choice,
  given: Given,
  context: CommandContext,
): Promise<CommandResult<ManyRow>> {
  assertChosen(choice);
  const app = await context.openApp();
  const chosen = await chooseSites(app, choice, context.io);
  const options = { ...commonOptions(given, chosen, context), reason: given.reason ?? DEFAULT_REASON };
  return switchMany(app, { action: 'disable', chosen, options, warnings: [] }, context);
}

function commonOptions(given: Given, { sites }: ChosenSites, { flags, signal }: CommandContext) {
  const { hold, existing, concurrency, canary, stopOnFailure } = given;
  const proving = provingOf({ ...given, verify: given.verify ?? sites.length <= PROVE_AT_MOST });
  const many = { concurrency, canary, stopOnFailure, signal };
  return { hold, existing, force: flags.force, actor: cliActor(), ...proving, ...many };
}

/** What speaks against the maintenance pages of these sites, where visitors are looked after; each said once. */
async function pagesOf(
  app: Intermission,
  { sites }: ChosenSites,
  given: Pick<Given & CloseOptions, 'url' | 'hold'>,
  proving: Proving,
  signal: AbortSignal,
): Promise<Warning[]> {
  if (sites.length > PROVE_AT_MOST) return [];
  const all = await Promise.all(
    sites.map((site) => pageWarnings({ app, site, service: app.maintenance(site) }, given, proving, signal)),
  );
  return [...new Map(all.flat().map((warning) => [warning.message, warning])).values()];
}
