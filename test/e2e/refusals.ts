import { expect } from 'vitest';
import type { ErrorCode } from '../../src/errors.ts';
import { essence } from '../support/workplace.ts';
import type { Ended, Environment, StartOptions } from './built-cli.ts';
import type { Document, Stage } from './stage.ts';

/** A command line that must be refused, and how. */
export interface Refused {
  name: string;
  argv: string[];
  code: ErrorCode;
  exit: number;
  /** What the message must say. */
  says?: string | RegExp;
  /** What the hint must say. */
  hint?: string | RegExp;
  environment?: Environment;
  options?: StartOptions;
  /** Texts that must not be repeated anywhere. */
  secret?: string;
}

type Process = Pick<Stage, 'run'>;

/** Judges a refusal, as text and as JSON: code, exit status, a hint, clean streams and no secret. */
export async function expectRefusal(
  process: Process,
  refused: Refused,
  secrets: string[],
): Promise<Document> {
  const { argv, environment, options, code, exit, says = /./, hint = /./ } = refused;
  const asJson = await process.run([...argv, '--json'], environment, options);
  const document = JSON.parse(asJson.stdout) as Document;
  expect({ status: asJson.status, ok: document.ok, error: document.error }).toEqual({
    status: exit,
    ok: false,
    error: { code, message: expect.stringMatching(says), hint: expect.stringMatching(hint) },
  });
  expect(asJson.stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(asJson.stderr).toBe('');

  const asText = await process.run(argv, environment, options);
  expect(asText.status).toBe(exit);
  expect(asText.stderr).toContain(`(${code})`);
  expect(asText.stderr).toContain(document.error?.message);
  expect(asText.stderr).toContain(document.error?.hint);
  for (const secret of [...secrets, ...(refused.secret === undefined ? [] : [refused.secret])]) {
    expect(JSON.stringify([asJson, asText] satisfies Ended[])).not.toContain(secret);
  }
  return document;
}

/** What a refusal must leave as it is: all rules, and in the database all that people decide. */
export async function essentials({ emulator, app }: Pick<Stage, 'emulator' | 'app'>): Promise<object> {
  const query = (sql: string) => app.database.read().execute(sql);
  return {
    rules: emulator.zones().map(({ name, rules }) => [name, essence(rules)]),
    keys: await query('select name, description, api_token, is_active, is_default from cloudflare_api_key'),
    sites: await query(
      `select id, name, domain, zone_id, api_key_id, include_subdomains, subdomain_list, maintenance_url, engine,
              is_active, maintenance_active, last_maintenance_at, edge_state
       from cloudflare_site order by id`,
    ),
    holds: await query('select * from maintenance_hold order by id'),
    locks: await query('select * from maintenance_lock'),
    windows: await query('select * from scheduled_maintenance'),
    // A failed row may have come: it says what was refused.
    log: await query(
      "select id, action, status, domain from maintenance_log where status <> 'failed' order by id",
    ),
  };
}
