import type { DisableOptions } from '../../services/maintenance/request.ts';
import { cliActor } from '../actor.ts';
import { defineCommand } from '../command.ts';
import { DEFAULT_REASON, manyOptions, switchOptions } from '../maintenance-options.ts';
import { renderSwitched } from '../many-sites/view.ts';
import { provingOf } from '../proving.ts';
import { choiceOf, domainsArgument, onlyDomain, siteChoice } from '../site-selection.ts';
import { carryOut, noteWaiting, showPlan, takeInHand } from '../switch-site.ts';

export const command = defineCommand({
  arguments: { domains: domainsArgument },
  options: { ...switchOptions, ...manyOptions, ...siteChoice },
  examples: [
    { command: 'maintenance disable example.com', does: 'Reopen a site' },
    { command: 'maintenance disable example.com --dry-run', does: 'See what would be done, and do nothing' },
    {
      command: 'maintenance disable example.com --hold deploy-123',
      does: 'From a pipeline: release its own hold',
    },
    { command: 'maintenance disable example.com --force', does: 'Reopen it although others hold it closed' },
    { command: 'maintenance disable --in-maintenance', does: 'Reopen everything that is closed by hand' },
  ],
  notes:
    'A site reopens when its last hold is released. While others hold it, yours is released, the site stays closed, and the exit status is 6. It returns when visitors of every host that counts have been seen to get the site; exit status 5 when they did not, although the rule is gone at Cloudflare. Of several sites as with `maintenance enable`.',
  async run(context, { arguments: { domains }, options: given }) {
    const choice = choiceOf(domains, given);
    const domain = onlyDomain(choice);
    if (domain === undefined) {
      const { disableMany } = await import('../many-sites/enable-disable.ts');
      return disableMany(choice, given, context);
    }
    const { flags, signal } = context;
    const { reason = DEFAULT_REASON, hold, existing } = given;
    const common = { signal, onWaiting: noteWaiting(context), force: flags.force, actor: cliActor() };
    const asked: DisableOptions = { reason, hold, existing, ...common };
    const inHand = await takeInHand(await context.openApp(), domain);
    const { service } = inHand;
    const { MANUAL_HOLD } = await import('../../domain/maintenance-hold.ts');
    if (flags.dryRun)
      return showPlan(
        inHand,
        await service.previewDisable(asked),
        ({ name }) => flags.force || name === (hold ?? MANUAL_HOLD),
      );
    const operate = () => service.disableMaintenance(asked);
    return carryOut('disable', inHand, operate, { proving: provingOf(given), context });
  },
  render: renderSwitched,
});
