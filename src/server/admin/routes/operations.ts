export function operationRoutes(_s: unknown, _o: unknown): void {}
