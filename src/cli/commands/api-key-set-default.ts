import { keyCommand } from './api-key-change.ts';

export const command = keyCommand({
  state: 'the default key',
  isSo: ({ isDefault }) => isDefault,
  change: (app, name, options) => app.apiKeys.setDefault({ name }, options),
  examples: [
    { command: 'api-key set-default acme', does: 'Use this key for sites that have none of their own' },
  ],
  notes:
    'Exactly one of the active keys is the default. Sites without a key of their own use it from now on; it must see their zones. While such a site is closed this is refused, since another key would have to reopen it; --force does it all the same.',
});
