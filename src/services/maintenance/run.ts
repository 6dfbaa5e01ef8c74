import type { IntermissionError } from '../../errors.ts';
import type { Progress } from './apply-changes.ts';
import type { Lock } from './dependencies.ts';
import type { OperationPlan } from './operation.ts';
import type { Wanted } from './plan-operation.ts';
import type { Connection } from './ports.ts';
import type { Situation } from './records.ts';
import type { Request } from './request.ts';

/** One operation on one site while it runs. */
export interface Run {
  request: Request;
  startedAt: Date;
  situation: Situation;
  connection: Connection;
  lock: Lock;
  zoneId: string;
  /** Requests that were sent for it by another connection, before this one. */
  earlierCalls: number;
  /** The doubtful rules that are reported although the operation goes on. */
  doubtful?: IntermissionError;
}

/** An operation whose row is open. */
export interface Running {
  rowId: number;
  plan: OperationPlan;
  progress: Progress;
  wanted: Wanted;
}
