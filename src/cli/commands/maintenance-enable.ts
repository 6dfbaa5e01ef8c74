import type { EnableOptions } from '../../services/maintenance/request.ts';
import { cliActor } from '../actor.ts';
import { type CommandContext, type CommandResult, defineCommand, type Warning } from '../command.ts';
import { closeOptions, DEFAULT_REASON, endOf, manyOptions, switchOptions } from '../maintenance-options.ts';
import { renderSwitched } from '../many-sites/view.ts';
import type { OperationRow } from '../operation-row.ts';
import { notePlan } from '../operation-view.ts';
import type { Values } from '../parameters.ts';
import { type Proving, pageWarnings, provingOf } from '../proving.ts';
import { choiceOf, domainsArgument, onlyDomain, siteChoice } from '../site-selection.ts';
import { carryOut, noteWaiting, type SiteInHand, showPlan, takeInHand } from '../switch-site.ts';

const options = { ...closeOptions, ...switchOptions, ...manyOptions, ...siteChoice };

export const command = defineCommand({
  arguments: { domains: domainsArgument },
  options,
  examples: [
    {
      command: 'maintenance enable example.com',
      does: 'Close a site now; at a terminal it shows the plan and asks',
    },
    {
      command: 'maintenance enable example.com --for 30m --reason "Upgrade" --yes',
      does: 'Close it for half an hour, without a question',
    },
    { command: 'maintenance enable example.com --dry-run', does: 'See what would be done, and do nothing' },
    {
      command: 'maintenance enable example.com --hold deploy-123 --for 1h --json',
      does: 'In a pipeline: a hold of its own, and an end in case it dies',
    },
    {
      command: 'maintenance enable --search shop --canary 5 --stop-on-failure 2%',
      does: 'Five sites first, then the rest, unless too many fail',
    },
    {
      command: 'maintenance enable --from-file sites.txt --reason "Move" --yes --json',
      does: 'The sites of a list; repeated, it goes on where it ended',
    },
  ],
  notes:
    'Repeat it to change reason, message, end or URL, or to repair a rule: what is left out stays as it is, an empty value (--for "") clears it. An end needs process_scheduled_maintenance to run every minute (cron). It returns when visitors of every host that counts have been seen to be redirected; exit status 5 when they were not, although the rule is written at Cloudflare. What this machine cannot see for others (its address is on the bypass list) is not proof. Several sites are paced by Cloudflare’s limits: it pauses and goes on by itself. Unless --verify is given, visits prove at most 20 sites. The first Ctrl-C finishes the sites in hand and says what is closed and what was not begun. Without a terminal --all and selectors need --yes.',
  async run(context, { arguments: { domains }, options: given }) {
    const until = endOf(given, context.now());
    const choice = choiceOf(domains, given);
    const domain = onlyDomain(choice);
    if (domain === undefined) {
      const { enableMany } = await import('../many-sites/enable-disable.ts');
      return enableMany(choice, { ...given, end: until }, context);
    }
    const inHand = await takeInHand(await context.openApp(), domain);
    const asked = toRequest(given, until, context);
    const proving = provingOf(given);
    const page = pageWarnings(inHand, given, proving, context.signal);
    const known = given.reason ?? (await knownReason(inHand, given.hold));
    const result = context.flags.dryRun
      ? (await plan(inHand, known ?? DEFAULT_REASON, asked)).shown
      : await close(inHand, known, { asked, page, proving }, context);
    return { ...result, warnings: [...(await page), ...(result.warnings ?? [])] };
  },
  render: renderSwitched,
});

function toRequest(
  given: Values<typeof options>,
  until: Date | null | undefined,
  context: CommandContext,
): EnableOptions {
  const { message, url, engine, hold, existing } = given;
  const { flags, signal } = context;
  const common = { signal, onWaiting: noteWaiting(context), force: flags.force, actor: cliActor() };
  return { message, url, engine, hold, existing, until, ...common };
}

/** The reason that the hold has already, if it is there. */
async function knownReason({ service }: SiteInHand, hold: string | undefined): Promise<string | undefined> {
  const { MANUAL_HOLD } = await import('../../domain/maintenance-hold.ts');
  const { holds } = await service.describe();
  return holds.find(({ name }) => name === (hold ?? MANUAL_HOLD))?.reason || undefined;
}

interface Closing {
  asked: EnableOptions;
  /** What speaks against the maintenance page; known before anything is closed. */
  page: Promise<Warning[]>;
  proving: Proving;
}

async function plan(inHand: SiteInHand, reason: string, asked: EnableOptions) {
  const preview = await inHand.service.previewEnable(reason, asked);
  return { shown: await showPlan(inHand, preview, () => false), digest: preview.digest };
}

/** At a terminal: asks for the reason, shows the plan and asks; then does what was shown or nothing. */
async function close(
  inHand: SiteInHand,
  given: string | undefined,
  { asked, page, proving }: Closing,
  context: CommandContext,
): Promise<CommandResult<OperationRow>> {
  const { prompts, flags } = context;
  const enable = async (reason: string, expect?: string) => {
    await page;
    const operate = () => inHand.service.enableMaintenance(reason, { ...asked, expect });
    return carryOut('enable', inHand, operate, { proving, context });
  };
  if (!prompts.interactive || flags.yes) return enable(given ?? DEFAULT_REASON);
  const reason = given ?? (await prompts.text('Reason, for the log', { placeholder: DEFAULT_REASON }));
  const { shown, digest } = await plan(inHand, reason || DEFAULT_REASON, asked);
  notePlan({ ...shown, warnings: [...(await page), ...(shown.warnings ?? [])] }, context);
  await prompts.confirm({ message: `Close ${inHand.site.domain}?` });
  return enable(reason || DEFAULT_REASON, digest);
}
