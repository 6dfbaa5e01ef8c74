import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { watchSignals } from '../../src/cli/signals.ts';

function watch() {
  const source = new EventEmitter();
  const actions = { stillStopping: vi.fn(), exitNow: vi.fn() };
  return { source, actions, watch: watchSignals(source, actions) };
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
  'the first %s asks to stop, the second ends the process',
  (name) => {
    const { source, actions, watch: watched } = watch();
    source.emit(name);
    expect(watched.signal.aborted).toBe(true);
    expect(watched.signal.reason).toMatchObject({ code: 'interrupted' });
    expect(actions.exitNow).not.toHaveBeenCalled();
    source.emit('SIGINT');
    expect(actions.exitNow).toHaveBeenCalledOnce();
  },
);

test('who waits for a while is told that it is still stopping', () => {
  vi.useFakeTimers();
  try {
    const { source, actions } = watch();
    source.emit('SIGINT');
    expect(actions.stillStopping).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(actions.stillStopping).toHaveBeenCalledOnce();
  } finally {
    vi.useRealTimers();
  }
});

test('afterwards no listener is left', () => {
  const { source, watch: watched } = watch();
  watched[Symbol.dispose]();
  expect(source.eventNames()).toEqual([]);
});
