import { createServer, type Server, type ServerResponse } from 'node:http';
import { rayId } from './api-server.ts';
import { type EdgeRequest, readEdgeRequest } from './edge-request.ts';
import {
  compilePattern,
  expandForwardingUrl,
  type PatternMatcher,
  type VisitedUrl,
} from './page-rules/pattern.ts';
import { patternOf, type StoredPageRule } from './page-rules/rule.ts';
import { findRedirect } from './redirect-rules/redirect.ts';
import type { CloudflareState } from './state.ts';
import type { Zone, ZoneConfig } from './zones.ts';

interface EdgeAnswer {
  status: number;
  text: string;
  location?: string;
  /** Whether the request went through Cloudflare. */
  proxied: boolean;
}

/**
 * What visitors meet. The site is taken from `Host`; a port there that is the edge's own stands for the scheme's usual
 * one. Scheme and address of the visitor: see `readEdgeRequest`.
 */
export function createEdgeServer(state: CloudflareState): Server {
  let visits = 0;
  return createServer((request, response) => {
    visits += 1;
    const read = readEdgeRequest(request);
    const found = read === undefined ? undefined : visit(state, read);
    request.resume();
    // A name without a record does not resolve, so there is no one to answer.
    if (found === undefined) request.socket.destroy();
    else send(response, found, { ray: rayId(visits), now: state.now(), withBody: request.method !== 'HEAD' });
  });
}

/** Answers a visitor as the edge would by now; undefined when the host has no DNS record. */
function visit(state: CloudflareState, request: EdgeRequest): EdgeAnswer | undefined {
  const { url } = request;
  const zone = findZone(state, url.host);
  if (zone === undefined) return { status: 403, text: 'error code: 1001', proxied: true };
  const record = findRecord(zone, url.host);
  if (record === undefined) return undefined;
  const config = state.edgeConfig(zone);
  const proxied = record.proxied && config.status === 'active' && !config.paused;
  if (proxied && url.path === '/cdn-cgi/trace') return { status: 200, text: trace(request), proxied };
  const ruled = proxied ? applyRules(state, config, request) : undefined;
  if (ruled !== undefined) return { ...ruled, proxied };
  return { status: zone.origin.status ?? 200, text: zone.origin.body ?? `origin of ${url.host}`, proxied };
}

/** What Cloudflare itself answers at this path, in front of all rules: who the visitor is to it, among other things. */
function trace({ url, from }: EdgeRequest): string {
  return `h=${url.host}\nip=${from.replace(/^::ffff:/, '')}\nvisit_scheme=${url.scheme}\n`;
}

/** Redirect rules come before page rules and win over them (3.5). */
function applyRules(state: CloudflareState, config: ZoneConfig, request: EdgeRequest) {
  const redirect = findRedirect(config.redirects, request, state.switches);
  return redirect === undefined ? applyPageRules(config, request.url) : { ...redirect, text: '' };
}

/** The single highest active rule that matches takes effect, even if it does not forward (1.6). */
function applyPageRules(config: ZoneConfig, url: VisitedUrl): Omit<EdgeAnswer, 'proxied'> | undefined {
  for (const rule of config.pageRules.toReversed()) {
    const captures = rule.status === 'active' ? matcherOf(rule)(url) : undefined;
    if (captures !== undefined) return forward(rule, captures);
  }
  return undefined;
}

function forward(rule: StoredPageRule, captures: readonly string[]): Omit<EdgeAnswer, 'proxied'> | undefined {
  const value = rule.actions.find(({ id }) => id === 'forwarding_url')?.value;
  if (value === undefined) return undefined;
  const { url, status_code: status } = value as { url: string; status_code: number };
  const location = expandForwardingUrl(url, captures);
  return location === undefined ? { status: 500, text: 'error code: 500' } : { status, text: '', location };
}

const matchers = new WeakMap<StoredPageRule, PatternMatcher>();

function matcherOf(rule: StoredPageRule): PatternMatcher {
  const known = matchers.get(rule);
  if (known !== undefined) return known;
  const made = compilePattern(patternOf(rule));
  matchers.set(rule, made);
  return made;
}

/** The zone with the longest name that the host ends with. */
function findZone(state: CloudflareState, host: string): Zone | undefined {
  const labels = host.split('.');
  for (let index = 0; index < labels.length; index += 1) {
    const zone = state.zonesByName.get(labels.slice(index).join('.'));
    if (zone !== undefined) return zone;
  }
  return undefined;
}

/** The record of this name, else the nearest wildcard above it. */
function findRecord(zone: Zone, host: string) {
  const exact = zone.dns.find(({ name }) => name === host);
  if (exact !== undefined) return exact;
  const labels = host.split('.');
  for (let index = 1; index < labels.length; index += 1) {
    const wildcard = `*.${labels.slice(index).join('.')}`;
    const record = zone.dns.find(({ name }) => name === wildcard);
    if (record !== undefined) return record;
  }
  return undefined;
}

function send(
  response: ServerResponse,
  answer: EdgeAnswer,
  context: { ray: string; now: number; withBody: boolean },
): void {
  response.writeHead(answer.status, {
    date: new Date(context.now).toUTCString(),
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(answer.text),
    ...(answer.proxied ? { server: 'cloudflare', 'cf-ray': context.ray } : {}),
    ...(answer.location === undefined ? {} : { location: answer.location }),
  });
  response.end(context.withBody ? answer.text : undefined);
}
