import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { EmulatorError } from './state.ts';

/** Input of the control port; what is not understood is an `EmulatorError` with 400 that names every problem. */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input ?? {});
  if (!result.success) throw new EmulatorError(z.prettifyError(result.error), 400);
  return result.data;
}

/** A part of the path. */
export function param(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name] ?? '';
}

/** A body of JSON; an empty one is none. */
export function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new EmulatorError('Expected a body of JSON', 400);
  }
}
