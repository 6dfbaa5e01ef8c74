import { expect, test } from 'vitest';
import { defineCommand } from '../../src/cli/command.ts';
import { parseDuration } from '../../src/cli/duration.ts';
import { toInput } from '../../src/cli/input.ts';
import {
  argument,
  commaList,
  flag,
  manyArguments,
  negatableFlag,
  option,
  optionalArgument,
  repeatedOption,
} from '../../src/cli/parameters.ts';

const command = defineCommand({
  arguments: {
    domain: argument('domain', 'Domain'),
    note: optionalArgument('note', 'Note'),
    more: manyArguments('more', 'More'),
  },
  options: {
    for: option('--for <duration>', 'How long', parseDuration),
    subdomainList: option('--subdomain-list <list>', 'Subdomains', commaList),
    bypassIp: repeatedOption('--bypass-ip <cidr>', 'Addresses'),
    all: flag('--all', 'All sites'),
    verify: negatableFlag('--verify', 'Prove it', 'Do not prove it'),
  },
  examples: [],
  async run(_, { arguments: { domain, note, more }, options }) {
    // The types are part of the test: each use below compiles only with the right one.
    const texts: string[] = [domain.trim(), note?.trim() ?? '', ...more];
    const seconds: number = options.for ?? 0;
    const lists: string[][] = [options.subdomainList ?? [], options.bypassIp ?? []];
    const flags: boolean[] = [options.all, options.verify ?? true];
    return { results: [{ texts, seconds, lists, flags }] };
  },
});

test('what is not given is undefined, an empty list or false', () => {
  expect(toInput(command, { arguments: ['example.com'], options: {} })).toEqual({
    arguments: { domain: 'example.com', note: undefined, more: [] },
    options: { for: undefined, subdomainList: undefined, bypassIp: undefined, all: false, verify: undefined },
  });
});

test('values are parsed, and lists replaced as a whole', () => {
  const options = {
    for: '1h30m',
    subdomainList: 'a, b,',
    bypassIp: ['192.0.2.0/24', '198.51.100.1'],
    verify: false,
  };
  expect(toInput(command, { arguments: ['example.com', 'n', ['x', 'y']], options })).toMatchObject({
    arguments: { note: 'n', more: ['x', 'y'] },
    options: {
      for: 5_400,
      subdomainList: ['a', 'b'],
      bypassIp: ['192.0.2.0/24', '198.51.100.1'],
      verify: false,
    },
  });
});

test('an empty value clears a list', () => {
  const { options } = toInput(command, { arguments: ['d'], options: { subdomainList: '', bypassIp: [''] } });
  expect(options).toMatchObject({ subdomainList: [], bypassIp: [] });
});

test('the name of the option stands in front of what is wrong with its value', () => {
  expect(() => toInput(command, { arguments: ['d'], options: { for: 'soon' } })).toThrow(
    expect.objectContaining({ code: 'validation_failed', message: '--for: "soon" is not a duration.' }),
  );
});
