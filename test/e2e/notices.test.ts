import { readdirSync, readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Notification } from '../../src/domain/supporting.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { NoticeOutbox } from '../../src/persistence/repositories/notice-outbox.ts';
import { httpServer } from '../probe/servers.ts';
import { describeDatabases } from '../support/describe-databases.ts';
import { startMailServer } from '../support/mail-server.ts';
import { assertBuilt, type Environment } from './built-cli.ts';
import { openStage, type Stage, startStageEmulator } from './stage.ts';

const TIMEOUT = 60_000;
const TICK = ['process_scheduled_maintenance', '--json'];
const SECRET = 'a-secret-of-webhooks';
const PASSWORD = 'a-secret-of-mail';

let emulator: Emulator;
beforeAll(async () => {
  assertBuilt();
  emulator = await startStageEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

interface Posted {
  key: string;
  subject: string;
}

/** A receiver of webhooks that keeps what it gets; `answer` may do more than say that it was taken. */
async function startReceiver(
  answer: RequestListener = (_request, response) => response.writeHead(204).end(),
) {
  const posted: Posted[] = [];
  const port = await httpServer(async (request, response) => {
    const { subject } = JSON.parse(await text(request)) as { subject: string };
    posted.push({ key: String(request.headers['idempotency-key']), subject });
    answer(request, response);
  });
  const environment: Environment = {
    INTERMISSION_WEBHOOK_URL: `http://127.0.0.1:${port}/hook/sesame`,
    INTERMISSION_WEBHOOK_SECRET: SECRET,
    INTERMISSION_ALLOW_PRIVATE_TARGETS: '1',
  };
  return { posted, environment };
}

async function writeNotices({ app }: Stage, count: number): Promise<void> {
  const outbox = new NoticeOutbox(() => new Date());
  await app.database.transaction(async (em) => {
    for (let logId = 1; logId <= count; logId += 1)
      await outbox.add(em, { event: 'operation.failed', subject: `log:${logId}`, data: { logId } });
  });
}

const rowsOf = ({ app }: Stage) => app.database.read().find(Notification, {});

describeDatabases((_kind, databases) => {
  const openPlace = async () => openStage({ emulator, databaseUrl: await databases.migratedUrl() });

  test(
    'what fails in one command is told by the next tick, by mail and webhook, and no secret is left anywhere',
    async () => {
      await using stage = await openPlace();
      emulator.addZone({ name: 'one.example' });
      await stage.app.syncZones();
      const mail = await startMailServer({ password: PASSWORD });
      const webhook = await startReceiver();
      const environment = {
        ...webhook.environment,
        SMTP_URL: `smtp://ops:${PASSWORD}@127.0.0.1:${mail.port}`,
        INTERMISSION_MAIL_FROM: 'down@example.org',
        INTERMISSION_NOTIFY_EMAIL: 'ops@example.com',
      };
      const loop = ['maintenance', 'enable', 'one.example', '--url', 'https://one.example/', '--verbose'];
      const refused = await stage.run(loop, environment);
      expect(refused.status, refused.stderr).toBe(6);
      const told = await stage.run(TICK, environment);
      expect(told.status, told.stderr).toBe(0);
      expect(webhook.posted).toMatchObject([{ subject: 'Intermission: one.example could not be closed' }]);
      expect(mail.mails).toMatchObject([{ to: ['ops@example.com'], user: 'ops' }]);
      expect(mail.mails[0]?.source).toContain('redirect_loop');
      expect(mail.mails[0]?.headers.get('message-id')).toMatch(/^<[0-9a-f-]{36}@example\.org>$/);
      expect(await stage.run(TICK, environment)).toMatchObject({ status: 0 });
      expect([webhook.posted.length, mail.mails.length]).toEqual([1, 1]);
      const rows = JSON.stringify(await rowsOf(stage));
      const files = readdirSync(stage.dataDir).map((file) =>
        readFileSync(join(stage.dataDir, file), 'latin1'),
      );
      const traces = [rows, ...files, ...[refused, told].flatMap(({ stdout, stderr }) => [stdout, stderr])];
      const everything = [...traces, JSON.stringify(webhook.posted), mail.mails[0]?.source].join('\n');
      expect(everything).not.toMatch(new RegExp(`${SECRET}|${PASSWORD}|sesame|${emulator.token}`));
    },
    TIMEOUT,
  );

  test(
    'a process that is killed after the hand-over leads to a repeat under the same id, and to no third one',
    async () => {
      await using stage = await openPlace();
      await writeNotices(stage, 1);
      let kill: (() => void) | undefined;
      const webhook = await startReceiver((_request, response) => {
        if (kill === undefined) response.writeHead(204).end();
        else kill();
      });
      const first = stage.start(TICK, webhook.environment);
      kill = () => {
        kill = undefined;
        first.child.kill('SIGKILL');
      };
      expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
      expect(webhook.posted).toHaveLength(1);
      await stage.run(TICK, webhook.environment);
      expect(webhook.posted, 'while the claim of the dead one lasts').toHaveLength(1);
      await stage.app.database.read().nativeUpdate(Notification, {}, { claimedUntil: 0 });
      for (let run = 0; run < 2; run += 1) await stage.run(TICK, webhook.environment);
      expect(webhook.posted).toHaveLength(2);
      expect(webhook.posted[1]).toEqual(webhook.posted[0]);
      expect(await rowsOf(stage)).toMatchObject([{ attempts: 2, deliveredAt: expect.any(Date) }]);
    },
    TIMEOUT,
  );

  test(
    'three processes at the same time deliver each notice once',
    async () => {
      await using stage = await openPlace();
      await writeNotices(stage, 60);
      const webhook = await startReceiver();
      const ended = await Promise.all([1, 2, 3].map(() => stage.run(TICK, webhook.environment)));
      expect(ended.map(({ status, stderr }) => `${status}${stderr}`)).toEqual(['0', '0', '0']);
      expect(webhook.posted).toHaveLength(60);
      expect(new Set(webhook.posted.map(({ key }) => key)).size).toBe(60);
      expect((await rowsOf(stage)).filter(({ deliveredAt }) => deliveredAt == null)).toEqual([]);
    },
    TIMEOUT,
  );
});
