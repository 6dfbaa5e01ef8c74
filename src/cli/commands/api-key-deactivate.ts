import { keyCommand } from './api-key-change.ts';

export const command = keyCommand({
  state: 'inactive',
  isSo: ({ isActive }) => !isActive,
  change: (app, name, options) => app.apiKeys.deactivate({ name }, options),
  examples: [{ command: 'api-key deactivate acme', does: 'Close and sync no site with this key for now' }],
  notes:
    'Refused while a site of it is in maintenance, because only this key can reopen it, and for the default key while another one is active.',
});
