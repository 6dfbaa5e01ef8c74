import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { create, failureOf, list } from './failing-calls.ts';
import {
  answer,
  drop,
  gateway,
  refusal,
  type Step,
  scriptedServer,
  silence,
  success,
  TOKEN,
} from './scripted-server.ts';

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
    { name: 'HTML', step: (response) => response.end('<html>'), uncertain: true },
    { name: 'a result of another shape', step: success({ id: 7 }), uncertain: true },
    {
      name: 'success: false without a known reason',
      step: answer(200, { success: false, errors: [], messages: [] }),
      uncertain: true,
    },
    { name: 'a refusal', step: refusal(400, 1008, 'Page Rule limit has been met'), uncertain: false },
    { name: 'missing permission', step: refusal(403, 9109, 'Unauthorized'), uncertain: false },
    { name: '429', step: refusal(429, 971, 'Please wait'), uncertain: false },
    { name: 'HTML with 429', step: (response) => response.writeHead(429).end('<html>'), uncertain: false },
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
  await using server = await scriptedServer((response) => response.end(tooLarge));

  const error = await list(gateway(server.baseUrl)).catch((caught) => caught);

  expect(error).toMatchObject({ code: 'api_rejected' });
  expect(error.message).toContain('10 MB');
});

test('what comes instead of an answer is quoted with at most 200 characters', async () => {
  const error = await failureOf((response) => response.end(`<p>${'x'.repeat(10_000)}</p>`), list);

  expect(error.message.length).toBeLessThan(350);
});

test('the token is in no text of any error, even if the server repeats it', async () => {
  const steps: Step[] = [
    (response, { headers }) => response.end(`<pre>${headers.authorization}</pre>`),
    (response, { headers }) =>
      response.writeHead(400, { 'x-echo': headers.authorization }).end(
        JSON.stringify({
          success: false,
          errors: [{ code: 1, message: `Bad ${headers.authorization}` }],
          messages: [],
        }),
      ),
    answer(200, { success: true, result: TOKEN }),
    drop,
    silence,
    refusal(401, 1000, 'Invalid API Token'),
    refusal(403, 9109, 'Invalid access token'),
    refusal(429, 971, 'Please wait'),
    refusal(500, 1, 'An unknown error has occurred'),
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
    let refused: unknown;
    try {
      gateway('http://127.0.0.1:1', { token });
    } catch (error) {
      refused = error;
    }
    expect(refused).toMatchObject({ code: 'api_token_invalid' });
    if (token) expect(inspect(refused)).not.toContain(token);
  },
);

test('a gateway does not show its token', () => {
  const client = gateway('http://127.0.0.1:1');

  expect(inspect(client, { depth: 20, showHidden: true }) + JSON.stringify(client)).not.toContain(TOKEN);
});
