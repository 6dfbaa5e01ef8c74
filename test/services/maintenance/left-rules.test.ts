import { expect, test } from 'vitest';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf, openWorkplace } from '../../support/workplace.ts';

const DOMAIN = 'site-1.example';
const PAGE = 'https://status.example.net/';
const refusing = { kind: 'refuse', status: 400, code: 1004, message: 'no' } as const;

describeDatabases((_kind, databases) => {
  test('a rule that Cloudflare would not have removed is shown, and keeps its key in use', async () => {
    await using place = await openWorkplace(await databases.migratedUrl(), { emulator: { plan: 'pro' } });
    const { app, emulator } = place;
    await app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'api' });
    emulator.addFault({ ...refusing, method: 'POST', nth: 2 });
    emulator.addFault({ ...refusing, method: 'POST', nth: 3 });
    emulator.addFault({ ...refusing, method: 'DELETE' });
    const service = app.maintenance(await place.site(DOMAIN));
    const error = await failureOf(service.enableMaintenance('x', { url: PAGE }), 'api_rejected');
    expect(error.message).toContain('could not be undone wholly');

    const [left] = emulator.rules(DOMAIN);
    await expect(service.describe()).resolves.toMatchObject({
      maintenanceActive: false,
      leftRules: [{ id: left?.id, pattern: `${DOMAIN}/*`, url: PAGE }],
    });
    await failureOf(app.apiKeys.deactivate({ name: 'main' }), 'in_use');
    await failureOf(app.apiKeys.remove({ name: 'main' }), 'in_use');

    emulator.clearFaults();
    await service.disableMaintenance();
    expect(emulator.rules(DOMAIN)).toEqual([]);
    await expect(service.describe()).resolves.toMatchObject({ leftRules: [] });
    await expect(app.apiKeys.deactivate({ name: 'main' })).resolves.toMatchObject({ isActive: false });
  });
});
