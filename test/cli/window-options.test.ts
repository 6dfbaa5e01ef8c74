import { expect, it } from 'vitest';
import { PRIORITY_WORDS, WINDOW_STATUS_WORDS } from '../../src/cli/window-options.ts';
import { PRIORITIES, WINDOW_STATUSES } from '../../src/domain/scheduled-maintenance.ts';

it('offers the words that a window knows', () => {
  expect(PRIORITY_WORDS).toEqual(PRIORITIES);
  expect(WINDOW_STATUS_WORDS).toEqual(WINDOW_STATUSES);
});
