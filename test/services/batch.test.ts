import { expect, test } from 'vitest';
import { Batch, batchedReads } from '../../src/services/batch.ts';

/** A batch that doubles numbers, refuses odd ones, and fails wholly for 13. */
function doubling(options: ConstructorParameters<typeof Batch>[1] = {}) {
  const served: number[][] = [];
  const batch = new Batch<number, number>(async (numbers) => {
    served.push([...numbers]);
    await new Promise((resolve) => setImmediate(resolve));
    if (numbers.includes(13)) throw new Error('13 of all numbers');
    return numbers.map((value) =>
      value % 2 === 0 ? { value: value * 2 } : { error: new Error(`odd: ${value}`) },
    );
  }, options);
  return { batch, served };
}

test('what is asked at the same time is served together, up to a limit', async () => {
  const { batch, served } = doubling({ max: 3 });
  expect(await Promise.all([2, 4, 6, 8].map((each) => batch.ask(each)))).toEqual([4, 8, 12, 16]);
  expect(served).toEqual([[2, 4, 6], [8]]);
});

test('what is asked while others are served is served next', async () => {
  const { batch, served } = doubling();
  const first = batch.ask(2);
  await new Promise((resolve) => setImmediate(resolve));
  const others = [batch.ask(4), batch.ask(6)];
  expect(await Promise.all([first, ...others])).toEqual([4, 8, 12]);
  expect(served).toEqual([[2], [4, 6]]);
});

test('one that is refused is nothing to the others', async () => {
  const { batch } = doubling();
  const outcomes = await Promise.allSettled([2, 3, 4].map((each) => batch.ask(each)));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('when all fail together each is tried alone, so that only the one to blame fails', async () => {
  const { batch, served } = doubling();
  const outcomes = await Promise.allSettled([2, 13, 4].map((each) => batch.ask(each)));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(served).toEqual([[2, 13, 4], [2], [13], [4]]);
  expect(await batch.ask(6)).toBe(12);
});

test('a failure that would meet each alone is not tried again', async () => {
  const { batch, served } = doubling({ isFinal: () => true });
  const outcomes = await Promise.allSettled([2, 13].map((each) => batch.ask(each)));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(served).toEqual([[2, 13]]);
});

test('the patient wait for others until there are enough, and go at once with one who is not', async () => {
  const { batch, served } = doubling({ max: 3, patienceMs: 3_600_000 });
  const patient = (each: number) => batch.ask(each, true);
  const first = patient(2);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await Promise.all([first, patient(4), patient(6)])).toEqual([4, 8, 12]);
  const second = patient(8);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await Promise.all([second, batch.ask(10)])).toEqual([16, 20]);
  expect(served).toEqual([
    [2, 4, 6],
    [8, 10],
  ]);
});

test('the patient do not wait for ever', async () => {
  const { batch } = doubling({ patienceMs: 1 });
  expect(await batch.ask(2, true)).toBe(4);
});

test('reads are answered in the order in which they were asked', async () => {
  const asked: number[][] = [];
  const read = batchedReads(async (ids: readonly number[]) => {
    asked.push([...ids]);
    return ids.map((id) => `row ${id}`);
  });
  expect(await Promise.all([read(3), read(1), read(3)])).toEqual(['row 3', 'row 1', 'row 3']);
  expect(asked).toEqual([[3, 1, 3]]);
});
