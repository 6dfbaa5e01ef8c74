import { describe, expect, test } from 'vitest';
import { chooseEngine, type EngineQuestion } from '../../src/engines/choose-engine.ts';
import { IntermissionError } from '../../src/errors.ts';

const USER = 'a-token-of-a-user';
const ACCOUNT = 'cfat_a-token-of-an-account';
const none = { openPaths: [], bypassIps: [] };
const path = { openPaths: ['/health'], bypassIps: [] };
const address = { openPaths: [], bypassIps: ['203.0.113.7'] };
const question = (changes: Partial<EngineQuestion>): EngineQuestion => ({
  asked: 'auto',
  recorded: undefined,
  exemptions: none,
  token: USER,
  ...changes,
});

describe('auto', () => {
  test.each([
    ['nothing speaks against page rules', {}, 'page_rules', true],
    ['there are open paths', { exemptions: path }, 'redirect_rules', false],
    ['there are bypass addresses', { exemptions: address }, 'redirect_rules', false],
    ['the token belongs to an account', { token: ACCOUNT }, 'redirect_rules', false],
    ['redirect rules have closed it', { recorded: 'redirect_rules' }, 'redirect_rules', false],
    ['page rules have closed it', { recorded: 'page_rules' }, 'page_rules', false],
    [
      'page rules have closed it and it got open paths',
      { recorded: 'page_rules', exemptions: path },
      'redirect_rules',
      false,
    ],
  ] as const)('when %s', (_, changes, name, mayChange) => {
    expect(chooseEngine(question(changes))).toMatchObject({
      name,
      mayChange,
      why: expect.stringMatching(/\w/),
    });
  });
});

test.each(['page_rules', 'redirect_rules'] as const)('%s is taken when it is asked for', (asked) => {
  const recorded = asked === 'page_rules' ? 'redirect_rules' : 'page_rules';
  expect(chooseEngine(question({ asked, recorded }))).toEqual({
    name: asked,
    why: 'it was asked for',
    mayChange: false,
  });
});

test.each([
  ['an account', { token: ACCOUNT }, 'api_token_unsupported'],
  ['open paths', { exemptions: path }, 'validation_failed'],
  ['bypass addresses', { exemptions: address }, 'validation_failed'],
] as const)('page rules are refused for %s', (_, changes, code) => {
  const choose = () => chooseEngine(question({ asked: 'page_rules', ...changes }));
  expect(choose).toThrow(IntermissionError);
  expect(choose).toThrow(expect.objectContaining({ code, hint: expect.stringContaining('redirect_rules') }));
});
