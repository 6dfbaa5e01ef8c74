import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { CloudflareGateway } from '../../src/cloudflare/gateway.ts';
import { type ErrorCode, IntermissionError, isIntermissionError } from '../../src/errors.ts';
import {
  answer,
  drop,
  fields,
  gateway,
  refusal,
  type Step,
  scriptedServer,
  silence,
  success,
  TOKEN,
  ZONE,
} from './scripted-server.ts';

const RULE = '50fdc2d542e0f6c6246963277d1dc140';
const VALIDATION = 'Page Rule validation failed: See messages for details.';
const taken = {
  code: 1,
  message: '.distinctTargetUrl: Your zone already has an existing page rule',
  type: null,
};

const zones = (client: CloudflareGateway) => client.getZone(ZONE);
const list = (client: CloudflareGateway) => client.listPageRules(ZONE);
const create = (client: CloudflareGateway) => client.createPageRule(ZONE, fields('*example.com/*'));
const remove = (client: CloudflareGateway) => client.deletePageRule(ZONE, RULE);

async function failureOf(
  step: Step,
  call: (client: CloudflareGateway) => Promise<unknown>,
): Promise<IntermissionError> {
  await using server = await scriptedServer(step);
  const outcome = await call(gateway(server.baseUrl, { timeoutMs: 100 })).catch((error: unknown) => error);
  if (!isIntermissionError(outcome))
    throw new Error(`Expected an IntermissionError, got ${inspect(outcome)}`);
  return outcome;
}

interface Row {
  name: string;
  step: Step;
  call: (client: CloudflareGateway) => Promise<unknown>;
  code: ErrorCode;
  details?: object;
  hint?: string;
}

const rows: Row[] = [
  {
    name: '401 with 1000',
    step: refusal(401, 1000, 'Invalid API Token'),
    call: zones,
    code: 'api_token_invalid',
  },
  {
    name: '401 with 10000',
    step: refusal(401, 10000, 'Authentication error'),
    call: list,
    code: 'api_token_invalid',
  },
  {
    name: '403 for an unknown token',
    step: refusal(403, 9109, 'Invalid access token'),
    call: zones,
    code: 'api_token_invalid',
  },
  {
    name: '400 for a malformed header',
    step: answer(400, {
      success: false,
      errors: [
        {
          code: 6003,
          message: 'Invalid request headers',
          error_chain: [{ code: 6111, message: 'Invalid format' }],
        },
      ],
      messages: [],
      result: null,
    }),
    call: zones,
    code: 'api_token_invalid',
  },
  {
    name: '400 without credentials',
    step: refusal(400, 9106, 'Missing X-Auth-Key'),
    call: zones,
    code: 'api_token_invalid',
  },
  {
    name: '403 outside the scope, rules',
    step: refusal(403, 9109, 'Unauthorized to access requested resource'),
    call: create,
    code: 'api_permission_denied',
    hint: 'Page Rules Write',
  },
  {
    name: '403 outside the scope, zones',
    step: refusal(403, 10000, 'Authentication error'),
    call: zones,
    code: 'api_permission_denied',
    hint: 'Zone Read',
  },
  {
    name: '403 of the new style',
    step: refusal(403, 10000, 'Forbidden'),
    call: list,
    code: 'api_permission_denied',
  },
  {
    name: '403 by the IP filter',
    step: refusal(403, 9109, 'Cannot use the access token from location: 203.0.113.9'),
    call: zones,
    code: 'api_permission_denied',
    details: { reason: 'ip_filter' },
    hint: 'IP address',
  },
  {
    name: '403 for a token made seconds ago',
    step: answer(403, {
      success: false,
      errors: [{ message: 'Unable to authenticate request' }],
      messages: [],
    }),
    call: zones,
    code: 'api_permission_denied',
    hint: 'seconds ago',
  },
  {
    name: '403 without a code',
    step: answer(403, { success: false, errors: [], messages: null, result: null }),
    call: zones,
    code: 'api_permission_denied',
  },
  {
    name: '400 for an account-owned token',
    step: refusal(400, 1011, 'Page Rules endpoint does not support account owned tokens.'),
    call: list,
    code: 'api_token_unsupported',
    hint: 'redirect_rules',
  },
  {
    name: '400 when the quota is full',
    step: refusal(400, 1008, 'Page Rule limit has been met'),
    call: create,
    code: 'quota_exceeded',
  },
  {
    name: '400 when the pattern is taken',
    step: refusal(400, 1004, VALIDATION, [taken]),
    call: create,
    code: 'rule_conflict',
    details: { reason: 'pattern_taken', messages: [taken.message, VALIDATION] },
  },
  {
    name: '400 of any other validation',
    step: refusal(400, 1004, VALIDATION, [
      { code: 1, message: '.status: Invalid page rule status', type: null },
    ]),
    call: create,
    code: 'api_rejected',
    details: { status: 400, codes: [1004], messages: ['.status: Invalid page rule status', VALIDATION] },
  },
  {
    name: '400 for a zone that is not active',
    step: refusal(400, 1001, 'Invalid zone identifier'),
    call: create,
    code: 'zone_not_serving',
  },
  {
    name: '400 for the id of no zone',
    step: refusal(400, 1001, 'Invalid zone identifier'),
    call: zones,
    code: 'not_found',
    details: { what: 'zone' },
  },
  {
    name: '404 for an unknown rule',
    step: refusal(404, 1002, 'Invalid Page Rule identifier'),
    call: remove,
    code: 'not_found',
    details: { what: 'rule', status: 404, method: 'DELETE', path: `/zones/${ZONE}/pagerules/${RULE}` },
  },
  {
    name: '400 for an unknown rule',
    step: refusal(400, 1002, 'Invalid Page Rule identifier'),
    call: remove,
    code: 'not_found',
    details: { what: 'rule' },
  },
  {
    name: '404 for an unknown route',
    step: refusal(404, 7003, 'Could not route to /zones/x/pagerules'),
    call: list,
    code: 'not_found',
    details: { what: 'route' },
  },
  {
    name: '400 for an unknown route',
    step: refusal(400, 7000, 'No route for that URI'),
    call: list,
    code: 'not_found',
    details: { what: 'route' },
  },
  {
    name: '404 for an unknown zone',
    step: refusal(404, 7003, 'Could not route to /zones/x'),
    call: zones,
    code: 'not_found',
    details: { what: 'zone' },
  },
  {
    name: '400 of an API in maintenance mode',
    step: refusal(400, 10020, 'pagerules.api.maintenance_mode. This API is in maintenance mode'),
    call: create,
    code: 'api_rejected',
    hint: 'redirect_rules',
  },
  {
    name: '405',
    step: refusal(405, 10405, 'Method not allowed for this authentication scheme'),
    call: list,
    code: 'api_rejected',
    details: { codes: [10405] },
  },
  {
    name: '429',
    step: refusal(429, 971, 'Please wait and consider throttling'),
    call: list,
    code: 'api_rate_limited',
  },
  {
    name: '500',
    step: refusal(500, 1, 'An unknown error has occurred'),
    call: list,
    code: 'api_unavailable',
    details: { status: 500 },
  },
  {
    name: 'HTML with 502',
    step: (response) =>
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>') && undefined,
    call: list,
    code: 'api_unavailable',
  },
  {
    name: 'HTML with 200',
    step: (response) => void response.end('<html>Sign in to the wireless network</html>'),
    call: list,
    code: 'api_rejected',
    hint: 'CLOUDFLARE_BASE_URL',
  },
  {
    name: 'HTML with 404, which is no answer about a rule',
    step: (response) => response.writeHead(404).end('<html>nginx</html>') && undefined,
    call: remove,
    code: 'api_rejected',
  },
  {
    name: 'broken JSON with 200',
    step: (response) => void response.end('{"result": {"id": "50fd'),
    call: list,
    code: 'api_rejected',
  },
  {
    name: 'an empty reply with 200',
    step: (response) => void response.end(),
    call: list,
    code: 'api_rejected',
  },
  { name: 'JSON that is no envelope', step: answer(200, ['surprise']), call: list, code: 'api_rejected' },
  {
    name: 'a redirect, which is not followed',
    step: (response) =>
      response.writeHead(302, { location: 'https://elsewhere.example/' }).end() && undefined,
    call: list,
    code: 'api_rejected',
  },
  {
    name: 'success: false with 200',
    step: answer(200, {
      success: false,
      errors: [{ code: 1, message: 'Something' }],
      messages: [],
      result: null,
    }),
    call: list,
    code: 'api_rejected',
    details: { status: 200, codes: [1] },
  },
  { name: 'a result of another shape', step: success({ id: 7 }), call: zones, code: 'api_rejected' },
  { name: 'a lost connection', step: drop, call: list, code: 'api_unavailable', details: { status: null } },
  { name: 'no reply in time', step: silence, call: list, code: 'api_unavailable' },
];

test.each(rows)('$name is $code', async ({ step, call, code, details = {}, hint = '' }) => {
  const error = await failureOf(step, call);

  expect({ code: error.code, details: error.details }).toMatchObject({ code, details });
  expect(error.hint).toContain(hint);
});

test('what cannot be reached at all is api_unavailable, and certainly not written', async () => {
  const server = await scriptedServer(silence);
  await server[Symbol.asyncDispose]();

  const error = await create(gateway(server.baseUrl)).catch((caught) => caught);

  expect(error).toMatchObject({ code: 'api_unavailable', details: { method: 'POST' } });
  expect(error.message).toContain('ECONNREFUSED');
  expect(error.details).not.toHaveProperty('uncertain');
});

describe('whether a failed write may have happened', () => {
  const slowReply: Step = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"success":');
  };
  test.each<{ name: string; step: Step; uncertain: boolean }>([
    { name: 'a lost connection', step: drop, uncertain: true },
    { name: 'a time-out', step: silence, uncertain: true },
    { name: 'a reply that stops half way', step: slowReply, uncertain: true },
    { name: '500', step: refusal(500, 1, 'An unknown error has occurred'), uncertain: true },
    { name: 'HTML', step: (response) => void response.end('<html>'), uncertain: true },
    { name: 'a result of another shape', step: success({ id: 7 }), uncertain: true },
    [
      'success: false without a known reason',
      answer(200, { success: false, errors: [], messages: [] }),
      true,
    ],
    { name: 'a refusal', step: refusal(400, 1008, 'Page Rule limit has been met'), uncertain: false },
    { name: 'missing permission', step: refusal(403, 9109, 'Unauthorized'), uncertain: false },
    { name: '429', step: refusal(429, 971, 'Please wait'), uncertain: false },
  ])('$name: $uncertain', async ({ step, uncertain }) => {
    const error = await failureOf(step, create);

    expect(error.details['uncertain'] ?? false).toBe(uncertain);
  });

  test('a failed read leaves nothing uncertain', async () => {
    expect((await failureOf(drop, list)).details).not.toHaveProperty('uncertain');
  });
});

test('a reply above 10 MB is cut off', async () => {
  const tooLarge = Buffer.alloc(10 * 1024 * 1024 + 1, ' ');
  await using server = await scriptedServer((response) => void response.end(tooLarge));

  const error = await list(gateway(server.baseUrl)).catch((caught) => caught);

  expect(error).toMatchObject({ code: 'api_rejected' });
  expect(error.message).toContain('10 MB');
});

test('what comes instead of an answer is quoted with at most 200 characters', async () => {
  const error = await failureOf((response) => void response.end(`<p>${'x'.repeat(10_000)}</p>`), list);

  expect(error.message.length).toBeLessThan(350);
});

test('the token is in no text of any error, even if the server repeats it', async () => {
  const steps: Step[] = [
    (response, { headers }) => response.end(`<pre>${headers.authorization}</pre>`) && undefined,
    (response, { headers }) =>
      response.writeHead(400, { 'x-echo': headers.authorization }).end(
        JSON.stringify({
          success: false,
          errors: [{ code: 1, message: `Bad ${headers.authorization}` }],
          messages: [],
        }),
      ) && undefined,
    answer(200, { success: true, result: TOKEN }),
    drop,
    silence,
    ...rows.map(({ step }) => step),
  ];
  for (const step of steps) {
    const error = await failureOf(step, create);
    const everything = [
      error.message,
      error.hint,
      error.stack,
      JSON.stringify(error),
      inspect(error, { depth: 20, showHidden: true }),
    ];
    expect(everything.join('\n')).not.toContain(TOKEN);
  }
});

test.each(['', 'two words', 'line\nbreak', 'tökén'])(
  'the token %j is refused before anything is sent',
  (token) => {
    expect(() => gateway('http://127.0.0.1:1', { token })).toThrow(IntermissionError);
    try {
      gateway('http://127.0.0.1:1', { token });
    } catch (error) {
      expect(error).toMatchObject({ code: 'api_token_invalid' });
      if (token) expect(inspect(error)).not.toContain(token);
    }
  },
);

test('a gateway does not show its token', () => {
  const client = gateway('http://127.0.0.1:1');

  expect(inspect(client, { depth: 20, showHidden: true }) + JSON.stringify(client)).not.toContain(TOKEN);
});
