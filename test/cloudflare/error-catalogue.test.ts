import { expect, test } from 'vitest';
import type { CloudflareGateway } from '../../src/cloudflare/gateway.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { create, failureOf, getZone, list, remove } from './failing-calls.ts';
import { answer, drop, refusal, type Step, silence, success, ZONE } from './scripted-server.ts';

const RULE = '50fdc2d542e0f6c6246963277d1dc140';
const VALIDATION = 'Page Rule validation failed: See messages for details.';
const taken = {
  code: 1,
  message: '.distinctTargetUrl: Your zone already has an existing page rule',
  type: null,
};

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
    call: getZone,
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
    call: getZone,
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
    call: getZone,
    code: 'api_token_invalid',
  },
  {
    name: '400 without credentials',
    step: refusal(400, 9106, 'Missing X-Auth-Key'),
    call: getZone,
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
    call: getZone,
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
    call: getZone,
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
    call: getZone,
    code: 'api_permission_denied',
    hint: 'seconds ago',
  },
  {
    name: '403 without a code',
    step: answer(403, { success: false, errors: [], messages: null, result: null }),
    call: getZone,
    code: 'api_permission_denied',
  },
  {
    name: '400 for an account-owned token',
    step: refusal(400, 1011, 'Page Rules endpoint does not support account owned tokens.'),
    call: list,
    code: 'api_token_unsupported',
    hint: 'tokens that belong to a user',
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
    call: getZone,
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
    call: getZone,
    code: 'not_found',
    details: { what: 'zone' },
  },
  {
    name: '400 of an API in maintenance mode',
    step: refusal(400, 10020, 'pagerules.api.maintenance_mode. This API is in maintenance mode'),
    call: create,
    code: 'api_rejected',
    hint: 'Try again later',
  },
  {
    name: '403 of an API in maintenance mode',
    step: refusal(403, 10020, 'pagerules.api.maintenance_mode. This API is in maintenance mode'),
    call: create,
    code: 'api_rejected',
    hint: 'Try again later',
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
    step: (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>'),
    call: list,
    code: 'api_unavailable',
  },
  {
    name: 'HTML with 200',
    step: (response) => response.end('<html>Sign in to the wireless network</html>'),
    call: list,
    code: 'api_rejected',
    hint: 'CLOUDFLARE_BASE_URL',
  },
  {
    name: 'HTML with 404, which is no answer about a rule',
    step: (response) => response.writeHead(404).end('<html>nginx</html>'),
    call: remove,
    code: 'api_rejected',
  },
  {
    name: 'broken JSON with 200',
    step: (response) => response.end('{"result": {"id": "50fd'),
    call: list,
    code: 'api_rejected',
  },
  {
    name: 'an empty reply with 200',
    step: (response) => response.end(),
    call: list,
    code: 'api_rejected',
  },
  { name: 'JSON that is no envelope', step: answer(200, ['surprise']), call: list, code: 'api_rejected' },
  {
    name: 'a redirect, which is not followed',
    step: (response) => response.writeHead(302, { location: 'https://elsewhere.example/' }).end(),
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
  { name: 'a result of another shape', step: success({ id: 7 }), call: getZone, code: 'api_rejected' },
  { name: 'a lost connection', step: drop, call: list, code: 'api_unavailable', details: { status: null } },
  { name: 'no reply in time', step: silence, call: list, code: 'api_unavailable' },
];

test.each(rows)('$name is $code', async ({ step, call, code, details = {}, hint = '' }) => {
  const error = await failureOf(step, call);

  expect({ code: error.code, details: error.details }).toMatchObject({ code, details });
  expect(error.hint).toContain(hint);
});
