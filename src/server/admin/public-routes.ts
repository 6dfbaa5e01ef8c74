/**
 * Everything under `/admin` that answers without a session; a route that is not here needs one. A test compares the list
 * with what the server answers.
 */
export const PUBLIC_ROUTES: readonly string[] = [
  'GET /admin/api/setup',
  'POST /admin/api/setup',
  'POST /admin/api/session',
  'DELETE /admin/api/session',
];
