import { IntermissionError } from '../errors.ts';

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const SIGNALS: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** How long the command may take to stop before the person is told that it is still at it. */
const PATIENCE_MS = 1_000;

/** The part of `process` that is needed here. */
export interface SignalSource {
  on(event: Signal, listener: () => void): unknown;
  off(event: Signal, listener: () => void): unknown;
}

export interface SignalWatch extends Disposable {
  /** Aborted by the first signal, with an IntermissionError `interrupted` as its reason. */
  readonly signal: AbortSignal;
}

export interface SignalActions {
  /** Called when the command still works a while after the first signal. */
  stillStopping(): void;
  /** Called by the second signal. */
  exitNow(): void;
}

/** The first signal asks the command to stop after what it has in hand, the second ends the process. */
export function watchSignals(source: SignalSource, actions: SignalActions): SignalWatch {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const listener = () => {
    if (controller.signal.aborted) return actions.exitNow();
    controller.abort(interrupted());
    timer = setTimeout(actions.stillStopping, PATIENCE_MS).unref();
  };
  for (const name of SIGNALS) source.on(name, listener);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const name of SIGNALS) source.off(name, listener);
    },
  };
}

function interrupted(): IntermissionError {
  return new IntermissionError('interrupted', 'Interrupted by a signal.', {
    hint: 'Run the command again: it first repairs what was left half done.',
  });
}
