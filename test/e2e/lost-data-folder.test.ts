import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { memoryIo } from '../cli/memory-io.ts';
import { describeDatabases } from '../support/describe-databases.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { withoutProof } from '../support/without-proof.ts';
import { essence } from '../support/workplace.ts';
import { startStageEmulator } from './stage.ts';

const TIMEOUT = 120_000;
const CUSTOM = 'https://status.example.net/down';
const DEFAULT = 'https://docs.djangocfg.com/maintenance?site=';

let emulator: Emulator;
let zones = 0;
beforeAll(async () => {
  emulator = await startStageEmulator();
});
afterAll(() => emulator.close());

/** A zone of its own for each test, since all share one emulator. */
function addZone(): string {
  zones += 1;
  return emulator.addZone({ name: `lost-${zones}.example` }).name;
}

/** An installation with one key and the sites of its zones, as a person has it after two commands. */
async function install(databaseUrl: string, domain: string) {
  const environment = {
    DATABASE_URL: databaseUrl,
    INTERMISSION_DATA_DIR: temporaryDirectory(),
    CLOUDFLARE_BASE_URL: emulator.api,
  };
  const token = emulator.addToken({ zones: [domain] });
  const start = async (argv: readonly string[], input = '') => {
    const io = memoryIo();
    io.stdin.end(input);
    const signal = new AbortController().signal;
    const status = await run(withoutProof(argv), { io, signal, colorWish: 'never', environment });
    return { status, stdout: io.stdoutText() };
  };
  const cli = async (...argv: string[]) => {
    const { status, stdout } = await start([...argv, '--json']);
    const { results, error } = JSON.parse(stdout) as {
      results: object[];
      error: { message: string; code: string } | null;
    };
    return { status, results, error };
  };
  const added = await start(['api-key', 'add', 'main', '--token-stdin'], `${token}\n`);
  expect(added.status).toBe(0);
  const synced = await cli('sync_cloudflare');
  expect(synced.status).toBe(0);
  return { cli, synced };
}

async function visit(domain: string): Promise<string | number> {
  const { status, location } = await emulator.visit(`http://www.${domain}/`);
  return location ?? status;
}

describeDatabases((_kind, databases) => {
  describe.each([
    ['the default page', [], (domain: string) => `${DEFAULT}${domain}`, true],
    ['a page of its own', ['--url', CUSTOM], () => CUSTOM, false],
  ] as const)('a data folder that was lost while a site led to %s', (_what, flags, page, isKnown) => {
    const lose = async () => {
      const domain = addZone();
      const { cli } = await install(await databases.emptyUrl(), domain);
      expect((await cli('maintenance', 'enable', domain, ...flags)).status).toBe(0);
      expect(await visit(domain)).toBe(page(domain));
      const { cli: again, synced } = await install(await databases.emptyUrl(), domain);
      const [{ id = '' } = {}] = emulator.rules(domain);
      return { domain, id, synced, cli: again };
    };

    test(
      'sync names the rule, disable refuses and names it, and --existing ours opens the site',
      async () => {
        const { domain, id, synced, cli } = await lose();
        expect(synced.results).toMatchObject([{ site: domain, doubtful: [{ id, knownPage: isKnown }] }]);
        const live = await cli('maintenance', 'status', domain, '--live', '--exit-code');
        expect(live.status).toBe(7);
        expect(live.results).toMatchObject([
          { intended: 'open', configured: isKnown ? 'maintenance' : 'unknown' },
        ]);

        const before = emulator.rules(domain);
        const refused = await cli('maintenance', 'disable', domain);
        expect(refused).toMatchObject({ status: 6, error: { code: 'rule_conflict' } });
        expect(refused.error?.message).toContain(id);
        expect(emulator.rules(domain)).toEqual(before);

        expect((await cli('maintenance', 'disable', domain, '--existing', 'ours')).status).toBe(0);
        expect(emulator.rules(domain)).toEqual([]);
        expect(await visit(domain)).toBe(200);
      },
      TIMEOUT,
    );

    test(
      'enable --existing ours takes the rule over, and disable opens the site',
      async () => {
        const { domain, id, cli } = await lose();
        expect((await cli('maintenance', 'enable', domain)).error?.code).toBe('rule_conflict');
        expect((await cli('maintenance', 'enable', domain, '--existing', 'ours')).status).toBe(0);
        expect(emulator.rules(domain).map((rule) => rule.id)).toEqual([id]);
        expect(await visit(domain)).toBe(`${DEFAULT}${domain}`);
        expect((await cli('maintenance', 'disable', domain)).status).toBe(0);
        expect(emulator.rules(domain)).toEqual([]);
        expect(await visit(domain)).toBe(200);
      },
      TIMEOUT,
    );
  });

  test(
    'of two data folders that manage one zone the second is refused, and changes nothing',
    async () => {
      const domain = addZone();
      const first = await install(await databases.emptyUrl(), domain);
      const second = await install(await databases.emptyUrl(), domain);
      expect((await first.cli('maintenance', 'enable', domain)).status).toBe(0);
      const rules = emulator.rules(domain);
      emulator.clearRequests();
      for (const action of ['enable', 'disable']) {
        const refused = await second.cli('maintenance', action, domain);
        expect(refused).toMatchObject({ status: 6, error: { code: 'rule_conflict' } });
      }
      const answered = emulator.requests({ write: true }).filter(({ status = 0 }) => status < 400);
      expect(answered).toEqual([]);
      expect(emulator.rules(domain)).toEqual(rules);
      expect((await first.cli('maintenance', 'disable', domain)).status).toBe(0);
      expect(await visit(domain)).toBe(200);
    },
    TIMEOUT,
  );

  test(
    'a redirect of the user’s own from the domain to www comes back exactly with --existing theirs',
    async () => {
      const domain = addZone();
      emulator.addRule(domain, { pattern: `www.${domain}/*`, actions: [{ id: 'always_use_https' }] });
      emulator.addRule(domain, {
        pattern: `${domain}/*`,
        forwardTo: `https://www.${domain}/$1`,
        priority: 9,
      });
      const { cli } = await install(await databases.emptyUrl(), domain);
      expect((await cli('site', 'edit', domain, '--no-include-subdomains')).status).toBe(0);
      const before = emulator.rules(domain);
      expect((await cli('maintenance', 'enable', domain)).error?.code).toBe('rule_conflict');
      expect(emulator.rules(domain)).toEqual(before);
      expect((await cli('maintenance', 'enable', domain, '--existing', 'theirs')).status).toBe(0);
      expect((await emulator.visit(`http://${domain}/a`)).location).toBe(`${DEFAULT}${domain}`);
      expect((await cli('maintenance', 'disable', domain)).status).toBe(0);
      expect(essence(emulator.rules(domain))).toEqual(essence(before));
    },
    TIMEOUT,
  );
});
