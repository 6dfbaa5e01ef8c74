import { CssBaseline, createTheme, ThemeProvider, useMediaQuery } from '@mui/material';
import { call } from '../api/call.ts';
import { darkTheme, lightTheme } from '../theme.ts';
import { DoorForm, type Field } from './door-form.tsx';

const FIELDS: readonly Field[] = [
  { name: 'email', label: 'E-mail', type: 'email', autoComplete: 'username' },
  { name: 'name', label: 'Name', type: 'text', autoComplete: 'name', optional: true },
  {
    name: 'password',
    label: 'Password',
    type: 'password',
    autoComplete: 'new-password',
    minLength: 12,
    help: 'At least 12 characters',
  },
];

/** Makes the first user, an admin, and signs them in. */
export function SetUpPage({ token }: { token: string }) {
  const isDark = useMediaQuery('(prefers-color-scheme: dark)');
  return (
    <ThemeProvider theme={createTheme(isDark ? darkTheme : lightTheme)}>
      <CssBaseline />
      <DoorForm
        title="Create the first admin"
        button="Create and sign in"
        fields={FIELDS}
        onSubmit={async (values) => {
          await call('POST', '/setup', { ...values, token });
          location.replace('#/');
        }}
      />
    </ThemeProvider>
  );
}
