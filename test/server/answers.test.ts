import { expect, test } from 'vitest';
import { Answers } from '../../src/server/answers.ts';

const answer = (bytes: number) => () => ({ body: 'x'.repeat(bytes), headers: [] });

test('an answer is made once', () => {
  const answers = new Answers();
  const first = answers.get('a', answer(10));
  expect(answers.get('a', () => expect.unreachable())).toBe(first);
});

test('no more is kept than there is room for, the newest longest', () => {
  const answers = new Answers(100);
  const made = new Map(['a', 'b', 'c'].map((key) => [key, answers.get(key, answer(40))] as const));
  expect(answers.bytes).toBe(80);
  expect(answers.get('c', answer(40))).toBe(made.get('c'));
  expect(answers.get('a', answer(40))).not.toBe(made.get('a'));
  answers.get('huge', answer(1_000));
  expect(answers.bytes).toBe(0);
});
