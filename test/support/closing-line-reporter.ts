import type { Reporter, TestModule } from 'vitest/node';

/** Prints `N passed, N failed` as the very last line, after the coverage table and whatever else follows. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const line = closingLine(modules, unhandledErrors.length);
    process.once('exit', () => process.stdout.write(`${line}\n`));
  }
}

/** Failures outside a test (a file that does not load, a failed hook, an unhandled rejection) count as failed. */
function closingLine(modules: readonly TestModule[], unhandledErrors: number): string {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0, pending: 0 };
  for (const module of modules) {
    for (const suite of [module, ...module.children.allSuites()]) {
      counts.failed += suite.errors().length > 0 ? 1 : 0;
    }
    for (const test of module.children.allTests()) {
      counts[test.result().state] += 1;
    }
  }
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  return `${counts.passed} passed, ${counts.failed + counts.pending} failed${skipped}`;
}
