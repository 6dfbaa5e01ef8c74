declare module 'vitest' {
  export interface ProvidedContext {
    /** Directory of this test run; removed at its end. */
    temporaryRoot: string;
    /** Address of the server that hands out test databases. */
    databaseServer: string;
  }
}

export {};
