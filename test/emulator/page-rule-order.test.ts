import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { insertRule, moveRule } from '../../src/emulator/page-rules/order.ts';
import type { StoredPageRule } from '../../src/emulator/page-rules/rule.ts';
import { fc } from '../support/property.ts';
import { forwarding, patternsOf, rulesPath, send } from './client.ts';

let emulator: Emulator;
let path: string;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 1, plan: 'enterprise', rateLimit: false });
});
beforeEach(async () => {
  await emulator.reset();
  path = rulesPath(emulator);
  for (const name of ['a', 'b', 'c']) await create(name);
});
afterAll(() => emulator.close());

async function create(name: string, priority: number = 1_000) {
  const body = forwarding(`${name}.site-1.example/*`, { priority });
  return (await send(emulator, `POST ${path}`, { body })).body.result;
}

function names(): string {
  return patternsOf(emulator)
    .map((pattern) => pattern.slice(0, 1))
    .join('');
}

function ruleNamed(name: string) {
  const rule = emulator
    .rules('site-1.example')
    .find(({ targets }) => targets[0]?.constraint.value.startsWith(name));
  return rule ?? expect.unreachable();
}

async function put(name: string, priority: number) {
  const body = { ...ruleNamed(name), priority };
  return (await send(emulator, `PUT ${path}/${body.id}`, { body })).body.result;
}

describe('when a priority pushes', () => {
  test.each([
    [-5, 'cbad'],
    [1, 'cbad'],
    [2, 'cbda'],
    [3, 'cdba'],
    [4, 'dcba'],
    [99, 'dcba'],
  ])('creating at %d gives %s', async (priority, order) => {
    const rule = await create('d', priority);
    expect(names()).toBe(order);
    expect(rule).toEqual(ruleNamed('d'));
  });

  test.each([
    ['a', 3, 'acb'],
    ['a', 99, 'acb'],
    ['c', 1, 'bac'],
    ['b', 2, 'cba'],
  ])('moving %s to %d gives %s', async (name, priority, order) => {
    const rule = await put(name, priority);
    expect(names()).toBe(order);
    expect(rule.priority).toBe(ruleNamed(name).priority);
  });

  test('PATCH moves too', async () => {
    await send(emulator, `PATCH ${path}/${ruleNamed('a').id}`, { body: { priority: 3 } });
    expect(names()).toBe('acb');
  });

  test('the rules that are pushed do not count as modified', async () => {
    const before = ruleNamed('a').modified_on;
    await create('d', 1);
    expect(ruleNamed('a')).toMatchObject({ priority: 2, modified_on: before });
  });
});

describe('when a priority swaps', () => {
  beforeEach(() => emulator.setSwitches({ priorityMove: 'swap' }));

  test('creating sends the rule there to the top', async () => {
    await create('d', 1);
    expect(names()).toBe('acbd');
  });

  test('moving changes places', async () => {
    await put('a', 3);
    expect(names()).toBe('abc');
  });
});

function stored(id: number): StoredPageRule {
  return { id: String(id), targets: [], actions: [], status: 'active', createdOn: '', modifiedOn: '' };
}

interface Step {
  kind: 'insert' | 'move' | 'remove';
  move: 'shift' | 'swap';
  index: number;
  priority: number;
}

function take(rules: readonly StoredPageRule[], { kind, move, index, priority }: Step, number: number) {
  const at = rules.length === 0 ? 0 : index % rules.length;
  if (kind === 'insert') return insertRule(rules, stored(number), priority, move);
  return kind === 'move' ? moveRule(rules, at, priority, move) : rules.toSpliced(at, 1);
}

interface Write {
  method: 'POST' | 'PUT' | 'DELETE';
  index: number;
  priority: number;
}

async function write({ method, index, priority }: Write, number: number): Promise<void> {
  if (method === 'POST') {
    await create(`x${number}`, priority);
    return;
  }
  const rules = emulator.rules('site-1.example');
  const rule = rules[index % Math.max(1, rules.length)];
  if (rule !== undefined)
    await send(emulator, `${method} ${path}/${rule.id}`, { body: { ...rule, priority } });
}

describe('always', () => {
  const steps = fc.array(
    fc.record({
      kind: fc.constantFrom('insert', 'move', 'remove'),
      move: fc.constantFrom('shift', 'swap'),
      index: fc.nat(20),
      priority: fc.integer({ min: -3, max: 30 }),
    }),
    { maxLength: 40 },
  );

  test('no rule is lost or doubled, and only the number of rules that it should have changes', () => {
    const changes = { insert: 1, move: 0, remove: -1 };
    fc.assert(
      fc.property(steps, (sequence) => {
        let rules: readonly StoredPageRule[] = [];
        for (const [number, step] of sequence.entries()) {
          const count = Math.max(0, rules.length + changes[step.kind]);
          rules = take(rules, step, number);
          expect(rules).toHaveLength(count);
          expect(new Set(rules.map(({ id }) => id)).size).toBe(count);
        }
      }),
    );
  });

  const writes = fc.array(
    fc.record({
      method: fc.constantFrom('POST', 'PUT', 'DELETE'),
      index: fc.nat(9),
      priority: fc.integer({ min: 1, max: 12 }),
    }),
    { maxLength: 12 },
  );

  test('priorities over the API are 1 to n without gaps', async () => {
    await fc.assert(
      fc.asyncProperty(writes, async (sequence) => {
        await emulator.reset();
        for (const [number, step] of sequence.entries()) {
          await write(step, number);
          const priorities = emulator.rules('site-1.example').map(({ priority }) => priority);
          expect(priorities).toEqual(priorities.map((_, place) => priorities.length - place));
        }
      }),
      { numRuns: 25 },
    );
  });
});
