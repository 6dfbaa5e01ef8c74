import { expect, test } from 'vitest';
import { Notification } from '../../../src/domain/supporting.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf, openWorkplace, type Workplace } from '../../support/workplace.ts';

const DOMAIN = 'site-1.example';
const noticesOf = ({ app }: Workplace) => app.database.read().find(Notification, {});

describeDatabases((_kind, databases) => {
  test('an operation that failed is told of once, with its log row', async () => {
    await using place = await openWorkplace(await databases.migratedUrl());
    place.emulator.setZone(DOMAIN, { pageRuleQuota: 0 });
    const service = place.app.maintenance(await place.site(DOMAIN));
    const error = await failureOf(service.enableMaintenance('Upgrade'), 'quota_exceeded');
    const [notice, ...others] = await noticesOf(place);
    expect(others).toEqual([]);
    expect(notice?.payload).toMatchObject({
      event: 'operation.failed',
      logId: (error.log as { id: number }).id,
      site: DOMAIN,
      action: 'enable',
      error: { code: 'quota_exceeded', message: error.message },
    });
  });

  test('a refusal is told of, and a site that others hold is not', async () => {
    await using place = await openWorkplace(await databases.migratedUrl());
    const service = place.app.maintenance(await place.site(DOMAIN));
    await service.enableMaintenance('x');
    await service.enableMaintenance('x', { hold: 'deploy-1' });
    await failureOf(service.disableMaintenance({ hold: 'deploy-1' }), 'held_by_others');
    expect(await noticesOf(place)).toEqual([]);
    await service.disableMaintenance();
    await place.app.sites.update({ domain: DOMAIN }, { isActive: false });
    await failureOf(service.enableMaintenance('x'), 'validation_failed');
    expect((await noticesOf(place)).map(({ event }) => event)).toEqual(['operation.failed']);
  });
});
