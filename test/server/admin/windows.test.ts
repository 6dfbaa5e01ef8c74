import { expect, test } from 'vitest';
import { openAdmin } from './admin-workplace.ts';

const NIGHT = {
  title: 'New disk',
  start: '2026-06-02T01:00:00.000Z',
  durationSeconds: 3_600,
  siteIds: [1, 2],
};

test('a window is looked at before it is planned: sites, times to come, and what is in the way', async () => {
  await using place = await openAdmin('sqlite::memory:');
  await place.as('admin');
  const operator = await place.as('operator');
  const weekly = { ...NIGHT, recurrence: '0 3 * * 2', timezone: 'Europe/Berlin' };
  const seen = (await operator.post('/windows/preview', weekly)).json();
  expect(seen).toMatchObject({
    start: '2026-06-02T01:00:00.000Z',
    end: '2026-06-02T02:00:00.000Z',
    sites: [{ domain: 'site-1.example' }, { domain: 'site-2.example' }],
    conflicts: [],
  });
  expect(seen.occurrences).toHaveLength(5);
  expect(seen.occurrences[0]).toBe('2026-06-09T01:00:00.000Z');
  expect(await place.app.windows.count()).toBe(0);

  const planned = await operator.post('/windows', NIGHT);
  expect(planned.statusCode).toBe(201);
  expect(planned.json()).toMatchObject({
    status: 'scheduled',
    createdBy: 'operator@example.com',
    executionLog: [],
  });
  const other = (await operator.post('/windows/preview', { ...NIGHT, siteIds: [2, 3] })).json();
  expect(other.conflicts).toMatchObject([{ window: { title: 'New disk' }, sites: ['site-2.example'] }]);
  expect((await operator.post('/windows', { ...NIGHT, durationSeconds: 0 })).statusCode).toBe(400);
  expect((await operator.post('/windows', { ...NIGHT, siteIds: [4711] })).statusCode).toBe(404);
});

test('a window is begun, made longer and completed by hand, and cloned', async () => {
  await using place = await openAdmin('sqlite::memory:');
  await place.as('admin');
  const operator = await place.as('operator');
  const { id } = (await operator.post('/windows', NIGHT)).json();
  const moved = await operator.post(`/windows/${id}/reschedule`, { start: '2026-06-01T12:30:00.000Z' });
  expect(moved.json()).toMatchObject({ scheduledStart: '2026-06-01T12:30:00.000Z' });
  const begun = (await operator.post(`/windows/${id}/start`)).json();
  expect(begun).toMatchObject({ status: 'active', failed: [] });
  expect(begun.closed.sort()).toEqual(['site-1.example', 'site-2.example']);
  const longer = (await operator.post(`/windows/${id}/extend`, { bySeconds: 600 })).json();
  expect(longer).toMatchObject({ status: 'active', sites: [{ id: 1 }, { id: 2 }] });
  const done = (await operator.post(`/windows/${id}/complete`)).json();
  expect(done).toMatchObject({ status: 'completed', failed: [] });
  expect(await place.app.sites.inMaintenance().count()).toBe(0);
  expect((await operator.get(`/windows/${id}`)).json().executionLog.length).toBeGreaterThan(0);
  const again = (await operator.post(`/windows/${id}/clone`, { start: '2026-07-01T01:00:00.000Z' })).json();
  expect(again).toMatchObject({ status: 'scheduled', title: 'New disk', sites: [{ id: 1 }, { id: 2 }] });
  const gone = (await operator.post(`/windows/${again.id}/cancel`, {})).json();
  expect(gone).toMatchObject({ status: 'cancelled' });
});

test('a viewer sees windows and changes none', async () => {
  await using place = await openAdmin('sqlite::memory:');
  await place.as('admin');
  const viewer = await place.as('viewer');
  expect((await viewer.get('/windows?status=scheduled')).json().data).toEqual([]);
  for (const path of [
    '/windows',
    '/windows/preview',
    '/windows/1/start',
    '/windows/1/cancel',
    '/windows/1/extend',
  ])
    expect((await viewer.post(path, {})).statusCode).toBe(403);
});
