import { expect, test } from 'vitest';
import { Notification } from '../../../src/domain/supporting.ts';
import type { Channel, Handover, Message } from '../../../src/notifications/channel.ts';
import { NoticeOutbox } from '../../../src/persistence/repositories/notice-outbox.ts';
import { type NoticeOptions, NoticeService } from '../../../src/services/notices/notice-service.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { fakeClock } from '../../support/fake-clock.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const REFUSED: Handover = { ok: false, error: 'No.' };

/** A channel that keeps what it is given. `answer` says what becomes of each; undefined: it is taken. */
function recordingChannel(
  answer: (message: Message, attempt: number) => Handover | undefined = () => undefined,
) {
  const sent: { id: string; subject: string; to: readonly string[] | undefined }[] = [];
  const channel: Channel = {
    send: async (message, to) => {
      sent.push({ id: message.id, subject: message.subject, to });
      const attempt = sent.filter(({ id }) => id === message.id).length;
      return answer(message, attempt) ?? { ok: true };
    },
    close: () => {},
  };
  return { sent, channel };
}

const idsOf = ({ sent }: ReturnType<typeof recordingChannel>) => new Set(sent.map(({ id }) => id));

describeDatabases((_kind, openTestDatabase) => {
  async function openOutbox(channels: Record<string, Channel>) {
    const database = await openTestDatabase();
    const clock = fakeClock('2026-06-01T12:00:00.000Z');
    const now = () => clock.now();
    const named = new Map(Object.entries(channels).map(([name, channel]) => [name, async () => channel]));
    const service = (more: Partial<NoticeOptions> = {}) =>
      new NoticeService({ database, now, channels: named, monotonic: () => 0, random: () => 0.5, ...more });
    const write = (...numbers: number[]) =>
      database.transaction(async (em) => {
        for (const logId of numbers) {
          const data = { logId, site: `site-${logId}.example`, action: 'enable' };
          await new NoticeOutbox(now).add(em, { event: 'operation.failed', subject: `log:${logId}`, data });
        }
      });
    const rows = () => database.read().find(Notification, {}, { orderBy: { id: 'asc' } });
    return { database, clock, service, write, rows };
  }

  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

  test('each notice is handed to each channel once', async () => {
    const webhook = recordingChannel();
    const mail = recordingChannel();
    const { service, write, rows, clock } = await openOutbox({
      webhook: webhook.channel,
      mail: mail.channel,
    });
    await write(...upTo(12));
    expect(await service().deliverDue()).toEqual({ delivered: 24, failed: 0 });
    clock.advance(DAY);
    expect(await service().deliverDue()).toEqual({ delivered: 0, failed: 0 });
    const subjects = upTo(12).map((index) => `Intermission: site-${index}.example could not be closed`);
    for (const { sent } of [webhook, mail])
      expect(sent.map(({ subject }) => subject).sort()).toEqual([...subjects].sort());
    expect(new Set([...idsOf(webhook), ...idsOf(mail)]).size).toBe(24);
    expect(await rows()).toHaveLength(24);
  });

  test('a notice that is to wait is handed over when its time has come, and not along with others', async () => {
    const mail = recordingChannel();
    const { service, write, database, clock } = await openOutbox({ mail: mail.channel });
    const due = new Date(clock.now().getTime() + 10 * MINUTE);
    const data = { logId: 2, site: 'site-2.example', action: 'enable' };
    await database.transaction((em) =>
      new NoticeOutbox(() => clock.now()).add(
        em,
        { event: 'operation.failed', subject: 'run:1@1', data },
        due,
      ),
    );
    await write(1);
    expect(await service().deliverDue()).toEqual({ delivered: 1, failed: 0 });
    expect((await service().undelivered()).map(({ channel }) => channel)).toEqual([null]);
    clock.advance(10 * MINUTE);
    expect(await service().deliverDue()).toEqual({ delivered: 1, failed: 0 });
    expect(mail.sent.map(({ subject }) => subject)).toEqual([
      'Intermission: site-1.example could not be closed',
      'Intermission: site-2.example could not be closed',
    ]);
  });

  test('a thing that was told to several channels is not told again', async () => {
    const webhook = recordingChannel();
    const mail = recordingChannel();
    const { service, write } = await openOutbox({ webhook: webhook.channel, mail: mail.channel });
    await write(1);
    await service().deliverDue();
    await write(1);
    await service().deliverDue();
    expect([webhook.sent.length, mail.sent.length]).toEqual([1, 1]);
  });

  test('what is refused is tried again later, under the same id, and given up after about a day', async () => {
    const webhook = recordingChannel(() => REFUSED);
    const { service, write, rows, clock } = await openOutbox({ webhook: webhook.channel });
    await write(1);
    const start = clock.now().getTime();
    let next: Date | null | undefined = clock.now();
    for (let attempts = 1; next != null; attempts += 1) {
      expect(await service().deliverDue()).toEqual({ delivered: 0, failed: 1 });
      expect(webhook.sent).toHaveLength(attempts);
      next = (await rows())[0]?.nextAttemptAt;
      if (next == null) break;
      clock.advance(next.getTime() - clock.now().getTime() - 1);
      expect(await service().deliverDue()).toEqual({ delivered: 0, failed: 0 });
      clock.advance(1);
    }
    expect(clock.now().getTime() - start).toBe(1455 * MINUTE);
    expect(idsOf(webhook).size).toBe(1);
    expect(await service().undelivered()).toMatchObject([
      { attempts: 14, lastError: 'No.', nextAttemptAt: null },
    ]);
  });

  test('of several recipients only those are tried again that have not got it', async () => {
    const partly: Handover = { ok: false, error: 'Not b.', remaining: ['b@example.com'] };
    const mail = recordingChannel((_message, attempt) => [partly, REFUSED][attempt - 1]);
    const { service, write, rows, clock } = await openOutbox({ mail: mail.channel });
    await write(1);
    for (let run = 0; run < 3; run += 1) {
      await service().deliverDue();
      clock.advance(10 * MINUTE);
    }
    expect(mail.sent.map(({ to }) => to)).toEqual([undefined, ['b@example.com'], ['b@example.com']]);
    expect(await rows()).toMatchObject([{ deliveredAt: expect.any(Date), lastError: null, remaining: null }]);
  });

  test('a channel that takes nothing is left alone for this run, and holds up no other', async () => {
    const webhook = recordingChannel(() => REFUSED);
    const mail = recordingChannel();
    const { service, write } = await openOutbox({ webhook: webhook.channel, mail: mail.channel });
    await write(...upTo(40));
    expect(await service().deliverDue()).toEqual({ delivered: 40, failed: 5 });
    expect([webhook.sent.length, mail.sent.length]).toEqual([5, 40]);
  });

  test('one recipient who is always refused does not hold up the mail of the others', async () => {
    const partly: Handover = { ok: false, error: 'Not b.', remaining: ['b@example.com'] };
    const mail = recordingChannel(() => partly);
    const { service, write } = await openOutbox({ mail: mail.channel });
    await write(...upTo(12));
    expect(await service().deliverDue()).toEqual({ delivered: 0, failed: 12 });
    expect(mail.sent).toHaveLength(12);
  });

  test('no further batch is begun after half a minute, nor after a signal', async () => {
    let steady = 0;
    const slow = recordingChannel(() => {
      steady += 4000;
      return undefined;
    });
    const { service, write } = await openOutbox({ webhook: slow.channel });
    await write(...upTo(40));
    expect(await service({ monotonic: () => steady }).deliverDue()).toEqual({ delivered: 10, failed: 0 });
    expect(await service().deliverDue({ signal: AbortSignal.abort() })).toEqual({ delivered: 0, failed: 0 });
    expect(slow.sent).toHaveLength(10);
  });

  test('processors at the same time hand over each notice once', async () => {
    const webhook = recordingChannel();
    const { service, write } = await openOutbox({ webhook: webhook.channel });
    await write(...upTo(60));
    const runs = await Promise.all(upTo(3).map(() => service().deliverDue()));
    expect(runs.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(60);
    expect(webhook.sent).toHaveLength(60);
    expect(idsOf(webhook).size).toBe(60);
  });

  test('a claim whose holder is gone ends by itself, also one of before the machine was started anew', async () => {
    const webhook = recordingChannel();
    const { service, write, database } = await openOutbox({ webhook: webhook.channel });
    await write(1);
    const claimedFor = (ms: string) =>
      database
        .read()
        .execute(
          `update notification set channel = 'webhook', claim_token = 'gone', claimed_until = ${leaseClock} + ${ms}`,
          [],
          'run',
        );
    const leaseClock =
      database.kind === 'sqlite'
        ? 'steady_clock_ms()'
        : 'cast(floor(extract(epoch from clock_timestamp()) * 1000) as double precision)';
    await claimedFor('50000');
    expect(await service().deliverDue()).toEqual({ delivered: 0, failed: 0 });
    await claimedFor('100000');
    expect(await service().deliverDue()).toEqual({ delivered: 1, failed: 0 });
    await write(2);
    await claimedFor('-1');
    expect(await service().deliverDue()).toEqual({ delivered: 1, failed: 0 });
  });

  test('without a channel nothing is sent, others may still do it, and the table does not grow', async () => {
    const webhook = recordingChannel();
    const { service, write, rows, clock } = await openOutbox({ webhook: webhook.channel });
    const without = service({ channels: new Map() });
    await write(1, 2, 3);
    expect(await without.deliverDue()).toEqual({ delivered: 0, failed: 0 });
    expect(await rows()).toHaveLength(3);
    clock.advance(DAY + 1);
    await write(4, 5);
    await without.deliverDue();
    expect(await rows()).toHaveLength(2);
    await service().deliverDue();
    expect(webhook.sent).toHaveLength(2);
  });

  test('what is older than 30 days is removed: delivered, given up, or left alone by everybody; not what is tried again', async () => {
    const webhook = recordingChannel();
    const { service, write, rows, clock, database } = await openOutbox({ webhook: webhook.channel });
    await write(1, 2, 3, 6);
    await service().deliverDue();
    await database.transaction(async (em) => {
      await em.nativeUpdate(Notification, { id: 2 }, { deliveredAt: null, lastError: 'No.' });
      const left = { channel: 'pager', deliveredAt: null, nextAttemptAt: clock.now() };
      await em.nativeUpdate(Notification, { id: 3 }, left);
      const soon = new Date(clock.now().getTime() + 31 * DAY);
      await em.nativeUpdate(Notification, { id: 4 }, { deliveredAt: null, nextAttemptAt: soon });
    });
    clock.advance(29 * DAY);
    await write(4);
    await service().deliverDue();
    expect(await rows()).toHaveLength(5);
    clock.advance(DAY + 1);
    await write(5);
    await service().deliverDue();
    expect((await rows()).map(({ id }) => id)).toEqual([4, 5, 6]);
  });

  test('a test goes to each channel past the outbox, and tells what came of it', async () => {
    const webhook = recordingChannel();
    const mail = recordingChannel(() => REFUSED);
    const { service, rows } = await openOutbox({ webhook: webhook.channel, mail: mail.channel });
    expect(await service().sendTest('ada@host')).toEqual([
      { channel: 'webhook', error: null },
      { channel: 'mail', error: 'No.' },
    ]);
    expect(webhook.sent).toMatchObject([{ subject: 'Intermission: test' }]);
    expect(await rows()).toEqual([]);
  });
});
