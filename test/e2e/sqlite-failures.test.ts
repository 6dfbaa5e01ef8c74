import { renameSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PageRule } from '../../src/emulator/index.ts';
import { databaseUrls } from '../support/describe-databases.ts';
import { essence, failureOf, openWorkplace, type Workplace } from '../support/workplace.ts';
import { operationRows } from './site-state.ts';

const DOMAIN = 'site-1.example';
const urls = databaseUrls('sqlite');

let place: Workplace;
let file: string;
let before: PageRule[];

beforeEach(async () => {
  const url = await urls.migrated();
  file = url.replace('sqlite:', '');
  place = await openWorkplace(url);
  before = place.emulator.rules(DOMAIN);
  return () => place[Symbol.asyncDispose]();
});

const run = (sql: string) => place.app.database.read().execute(sql);
const enable = () => place.app.enableMaintenanceForDomain(DOMAIN);
const disable = () => place.app.disableMaintenanceForDomain(DOMAIN);
const rows = () => operationRows(place.app, DOMAIN);
const isOpen = () =>
  JSON.stringify(essence(place.emulator.rules(DOMAIN))) === JSON.stringify(essence(before));

describe('a disk that is full', () => {
  /** From now on the file of this connection cannot grow; each write of such a log row needs more space. */
  async function fill(event: 'insert' | 'update'): Promise<() => Promise<void>> {
    await run('create table ballast (bytes blob)');
    await run(
      `create trigger grow after ${event} on maintenance_log begin insert into ballast values (zeroblob(100000)); end`,
    );
    await run('pragma max_page_count = 1');
    return async () => {
      await run('pragma max_page_count = 1000000');
    };
  }

  test('before anything was asked of Cloudflare leaves nothing half done', async () => {
    const free = await fill('insert');
    const error = await failureOf(enable(), 'database_unavailable');
    expect(error).toMatchObject({
      message: expect.stringContaining('disk is full'),
      hint: expect.stringContaining('Free some space'),
    });
    expect(place.emulator.requests()).toEqual([]);
    await free();
    expect(await rows()).toEqual([]);
    await enable();
    expect(await rows()).toEqual(['enable success']);
  });

  test('when the result should be stored leaves a pending row, and the next run puts it in order', async () => {
    const free = await fill('update');
    const error = await failureOf(enable(), 'database_unavailable');
    expect(error.message).toContain('changed at Cloudflare, but that could not be recorded');
    expect(isOpen()).toBe(false);
    await free();
    expect(await rows()).toEqual(['enable pending']);
    await disable();
    expect(await rows()).toEqual(['enable failed interrupted', 'disable success']);
    expect(isOpen()).toBe(true);
  });
});

describe('a file that vanishes while it is in use', () => {
  test('is noticed before anything is changed, and works again when it is back', async () => {
    renameSync(file, `${file}-away`);
    const error = await failureOf(enable(), 'database_unavailable');
    expect(error).toMatchObject({
      message: expect.stringContaining('removed or replaced'),
      hint: expect.stringMatching(/.{20}/),
    });
    expect(place.emulator.requests()).toEqual([]);
    renameSync(`${file}-away`, file);
    await enable();
    expect(await rows()).toEqual(['enable success']);
  });

  test('is noticed at the commit: nothing is reported as done that is stored nowhere', async () => {
    const hold = place.emulator.hold({ when: 'after', nth: 1, writesOnly: true });
    const enabling = failureOf(enable(), 'database_unavailable');
    await hold.reached;
    renameSync(file, `${file}-away`);
    await hold.release();
    expect((await enabling).message).toContain('changed at Cloudflare, but that could not be recorded');
    renameSync(`${file}-away`, file);
    await disable();
    expect(await rows()).toEqual(['enable failed interrupted', 'disable success']);
    expect(isOpen()).toBe(true);
  });
});
