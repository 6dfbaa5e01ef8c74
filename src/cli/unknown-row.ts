import type { IntermissionError } from '../errors.ts';
import type { ErrorDocument } from './command.ts';
import { toErrorDocument } from './errors.ts';

/** A site that was named among others and is not in our database. */
export interface UnknownRow {
  site: string;
  maintenanceActive: null;
  error: ErrorDocument;
}

export function unknownRow({ site, error }: { site: string; error: IntermissionError }): UnknownRow {
  return { site, maintenanceActive: null, error: toErrorDocument(error) };
}

export function isKnown<Row extends { maintenanceActive: boolean }>(row: Row | UnknownRow): row is Row {
  return row.maintenanceActive !== null;
}
