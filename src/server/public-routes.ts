/**
 * Everything that answers without a session; a route of the admin that is not here cannot be registered as public, and
 * the other way round. A test compares the list with what the server answers. `/metrics` asks for a token of its own.
 */
export const PUBLIC_ROUTES: readonly string[] = [
  'GET /healthz',
  'GET /readyz',
  'GET /maintenance',
  'OPTIONS /maintenance',
  'GET /maintenance/status',
  'OPTIONS /maintenance/status',
  // The pages of the admin; what they show comes from the API.
  'GET /admin',
  'GET /admin/*',
  'GET /admin/maintenance/*',
  'GET /admin/api/setup',
  'POST /admin/api/setup',
  'POST /admin/api/session',
  'DELETE /admin/api/session',
];
