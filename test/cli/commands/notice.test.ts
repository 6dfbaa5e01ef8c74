import { expect, test } from 'vitest';
import { Notification } from '../../../src/domain/supporting.ts';
import { httpServer } from '../../probe/servers.ts';
import { startMailServer } from '../../support/mail-server.ts';
import { type CliWorkplace, openCliWorkplace } from '../cli-workplace.ts';

const LOOP = ['maintenance', 'enable', 'site-1.example', '--url', 'https://site-1.example/'];

/** A webhook that answers with the status that `answer` holds. */
async function openWithWebhook() {
  const place = await openCliWorkplace();
  const answer = { status: 204 };
  const port = await httpServer((_request, response) => response.writeHead(answer.status).end());
  const env = {
    ...place.env,
    INTERMISSION_WEBHOOK_URL: `http://127.0.0.1:${port}/hook/sesame`,
    INTERMISSION_WEBHOOK_SECRET: 'a-secret-of-webhooks',
    INTERMISSION_ALLOW_PRIVATE_TARGETS: '1',
  };
  return Object.assign(place, { answer, told: (...argv: string[]) => place.cliWith(env, ...argv), env });
}

const rowsOf = ({ app }: CliWorkplace) => app.database.read().find(Notification, {});

test('notice test tries every channel, and tells which has not taken it', async () => {
  await using place = await openWithWebhook();
  const { port, mails } = await startMailServer();
  const mail = {
    SMTP_URL: `smtp://127.0.0.1:${port}`,
    INTERMISSION_MAIL_FROM: 'down@example.org',
    INTERMISSION_NOTIFY_EMAIL: 'ops@example.com',
  };
  const both = { ...place.env, ...mail };
  expect(await place.cliWith(both, 'notice', 'test')).toEqual({
    status: 0,
    stdout: '✓ webhook has taken the test.\n✓ mail has taken the test.\n',
    stderr: '',
  });
  place.answer.status = 500;
  const { status, stdout, stderr } = await place.cliWith(both, 'notice', 'test');
  expect({ status, stdout }).toEqual({ status: 3, stdout: '✓ mail has taken the test.\n' });
  expect(stderr).toMatch(
    /^error: The webhook has not taken the test\. .* answered 500\. \(not_delivered\)\n {2}\S/,
  );
  expect((await place.told('notice', 'test')).status).toBe(1);
  expect(mails.map(({ headers }) => headers.get('subject'))).toEqual(
    Array.from({ length: 2 }, () => 'Intermission: test'),
  );
});

test('notice test --dry-run sends nothing', async () => {
  await using place = await openWithWebhook();
  place.answer.status = 500;
  expect(await place.told('notice', 'test', '--dry-run')).toMatchObject({
    status: 0,
    stdout: 'webhook would get a test.\n',
  });
});

test('without a channel notice test says which settings there are', async () => {
  await using place = await openCliWorkplace();
  const { status, document } = await place.json('notice', 'test');
  expect(status).toBe(2);
  expect(document.error?.hint).toContain('INTERMISSION_WEBHOOK_SECRET');
});

test('notice list shows what nobody has got, and notice retry delivers it', async () => {
  await using place = await openWithWebhook();
  place.answer.status = 503;
  expect((await place.told('notice', 'list')).stdout).toBe('Every notice has been delivered.\n');
  await place.told(...LOOP);
  expect((await place.told('notice', 'list')).stdout.split('\n')[1]).toMatch(
    /^just now +site-1\.example could not be closed +0 +with the next tick$/,
  );
  expect((await place.told('process_scheduled_maintenance')).stderr).toBe(
    'warning: 1 notice could not be delivered and will be tried again; see intermission notice list.\n',
  );
  const { stdout } = await place.told('notice', 'list');
  expect(stdout).toMatch(/^Written +Notice +Channel +Tries +Next +Last error\n/);
  expect(stdout).toMatch(/ webhook +1 +in \d+ (s|min) +The webhook answered 503\.\n$/);
  expect((await place.told('notice', 'retry', '-n')).stdout).toBe('1 would be tried.\n');
  expect(await place.told('notice', 'retry')).toMatchObject({
    status: 1,
    stdout: '0 delivered.\n',
    stderr: expect.stringContaining('1 notice is still undelivered. The webhook answered 503.'),
  });
  place.answer.status = 200;
  expect(await place.told('notice', 'retry')).toEqual({ status: 0, stdout: '1 delivered.\n', stderr: '' });
  expect(await rowsOf(place)).toMatchObject([{ attempts: 1, lastError: null }]);
  expect((await place.told('notice', 'list')).stdout).toBe('Every notice has been delivered.\n');
});

test('a tick says how many notices it has delivered', async () => {
  await using place = await openWithWebhook();
  await place.told(...LOOP);
  const { stdout, stderr } = await place.told('process_scheduled_maintenance');
  expect({ stdout, stderr }).toEqual({ stdout: '1 notice delivered.\n', stderr: '' });
  expect((await place.told('process_scheduled_maintenance')).stdout).toBe('Nothing is due.\n');
});

test('what was given up says so, and is retried', async () => {
  await using place = await openWithWebhook();
  await place.told(...LOOP);
  const given = { channel: 'webhook', attempts: 14, lastError: 'No.', nextAttemptAt: null };
  await place.app.database.transaction((em) => em.nativeUpdate(Notification, {}, given));
  expect((await place.told('notice', 'list')).stdout).toMatch(/ 14 +given up +No\.\n$/);
  const { document } = await place.json('notice', 'list');
  expect(document.summary).toEqual({ total: 1, givenUp: 1 });
  expect((await place.told('notice', 'retry')).stdout).toBe('1 delivered.\n');
});
