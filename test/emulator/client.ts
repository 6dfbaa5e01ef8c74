import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';

export interface ApiResponse {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: replies of an emulated service are looked at freely
  body: any;
}

interface SendOptions {
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Sends one request with plain fetch and the emulator's own token. */
export async function send(
  emulator: Pick<Emulator, 'api' | 'token'>,
  request: string,
  options: SendOptions = {},
): Promise<ApiResponse> {
  const [method = 'GET', path = '/'] = request.split(' ');
  const response = await fetch(emulator.api + path, {
    method,
    headers: {
      authorization: `Bearer ${options.token ?? emulator.token}`,
      'content-type': 'application/json',
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: textOf(options.body) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

export interface RuleBody {
  targets?: unknown;
  actions?: unknown;
  priority?: unknown;
  status?: unknown;
}

/** The body of a forwarding rule, active and on top unless told otherwise. */
export function forwarding(pattern: string, fields: RuleBody = {}): RuleBody {
  return {
    targets: [{ target: 'url', constraint: { operator: 'matches', value: pattern } }],
    actions: [{ id: 'forwarding_url', value: { url: 'https://status.example.net/', status_code: 302 } }],
    priority: 1_000,
    status: 'active',
    ...fields,
  };
}

export function rulesPath(emulator: Emulator, zone = 'site-1.example'): string {
  return `/zones/${emulator.zone(zone).id}/pagerules`;
}

export function patternsOf(emulator: Emulator, zone = 'site-1.example'): string[] {
  return emulator.rules(zone).map((rule) => rule.targets[0]?.constraint.value ?? '');
}

export interface Fixture {
  status: number;
  body: unknown;
}

export function fixture(name: string): Fixture {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'));
}

/** Equal keys and equal types everywhere, and the status. */
export function expectLikeFixture(response: ApiResponse, name: string): void {
  const { status, body } = fixture(name);
  expect({ status: response.status, body: shapeOf(response.body) }).toEqual({ status, body: shapeOf(body) });
}

/** The same texts and codes too. */
export function expectFixture(response: ApiResponse, name: string): void {
  expect({ status: response.status, body: response.body }).toEqual(fixture(name));
}

export function shapeOf(value: unknown): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]));
}

/** A clock that moves only when told. */
export function createClock(start = '2026-06-01T12:00:00.000Z') {
  let now = Date.parse(start);
  return {
    now: () => now,
    advance: (seconds: number) => {
      now += seconds * 1_000;
    },
  };
}

export const redirectPhase = 'http_request_dynamic_redirect';

export function rulesetsPath(emulator: Emulator, zone = 'site-1.example'): string {
  return `/zones/${emulator.zone(zone).id}/rulesets`;
}

/** The body of a redirect rule, as a client writes it. */
export function redirecting(expression: string, fields: Record<string, unknown> = {}) {
  const target = { target_url: { value: 'https://status.example.net/' }, status_code: 302 };
  return {
    action: 'redirect',
    action_parameters: { from_value: { ...target, preserve_query_string: false } },
    expression,
    description: 'maintenance',
    ...fields,
  };
}
