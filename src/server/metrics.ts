import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Intermission } from '../intermission.ts';

export interface MetricsOptions {
  app: Intermission;
  now: () => Date;
  /** What `authorization: Bearer …` has to carry. */
  token: string;
}

/** `/metrics` in the text format of Prometheus, for who knows the token. */
export function metrics(server: FastifyInstance, { app, now, token }: MetricsOptions): void {
  server.get('/metrics', async ({ headers }, reply) => {
    if (!isEqual(headers.authorization ?? '', `Bearer ${token}`))
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send({ error: { code: 'not_signed_in' } });
    const text = toText(await collect(app, now()));
    return reply
      .type('text/plain; version=0.0.4; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(text);
  });
}

interface Metric {
  name: string;
  help: string;
  type: 'gauge' | 'counter';
  values: { labels?: Record<string, string>; value: number }[];
}

async function collect(app: Intermission, now: Date): Promise<Metric[]> {
  const [sites, closed, scheduled, active, failures, beat, calls, budgets] = await Promise.all([
    app.sites.count(),
    app.sites.inMaintenance().count(),
    app.windows.byStatus('scheduled').count(),
    app.windows.byStatus('active').count(),
    app.logs.failed().recent(1).count(),
    app.heartbeat(),
    app.countCalls(),
    budgetsOf(app),
  ]);
  const age = beat.beatAt === null ? [] : [{ value: (now.getTime() - beat.beatAt.getTime()) / 1000 }];
  return [
    gauge('sites', 'Sites of this database.', [{ value: sites }]),
    gauge('sites_in_maintenance', 'Sites that are to be in maintenance.', [{ value: closed }]),
    gauge('windows', 'Windows of planned maintenance.', [
      { labels: { status: 'scheduled' }, value: scheduled },
      { labels: { status: 'active' }, value: active },
    ]),
    gauge('failures_last_day', 'Operations that failed within the last 24 hours.', [{ value: failures }]),
    gauge('heartbeat_age_seconds', 'Time since something that reopens sites gave a sign of life.', age),
    {
      ...gauge('cloudflare_calls_total', 'Requests of this process to Cloudflare.', [{ value: calls }]),
      type: 'counter',
    },
    gauge('cloudflare_calls_left', 'Requests that Cloudflare still allows the user of a key.', budgets),
  ];
}

async function budgetsOf(app: Intermission): Promise<Metric['values']> {
  const keys = await app.apiKeys.getActive();
  const budgets = keys.map(async ({ name }) => {
    const budget = await app.callBudget(name).catch(() => undefined);
    return budget?.remaining === undefined ? [] : [{ labels: { api_key: name }, value: budget.remaining }];
  });
  return (await Promise.all(budgets)).flat();
}

function gauge(name: string, help: string, values: Metric['values']): Metric {
  return { name: `intermission_${name}`, help, type: 'gauge', values };
}

function toText(all: readonly Metric[]): string {
  const lines = all.flatMap(({ name, help, type, values }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...values.map(({ labels, value }) => `${name}${labelsText(labels)} ${value}`),
  ]);
  return `${lines.join('\n')}\n`;
}

function labelsText(labels: Record<string, string> = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Takes as long for a wrong token as for the right one. */
function isEqual(found: string, wanted: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(found), hash(wanted));
}
