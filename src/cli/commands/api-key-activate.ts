import { keyCommand } from './api-key-change.ts';

export const command = keyCommand({
  state: 'active',
  isSo: ({ isActive }) => isActive,
  change: (app, name, options) => app.apiKeys.activate({ name }, options),
  examples: [{ command: 'api-key activate acme', does: 'Use the key again' }],
  notes: 'It becomes the default key when there is no other active one.',
});
