import { Chip, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { AppBar, Layout, TitlePortal, UserMenu, useGetIdentity } from 'react-admin';
import type { Identity } from './api/auth-provider.ts';

/** Menu, bar and notices around every screen. */
export function Frame({ children }: { children: ReactNode }) {
  return (
    <Layout appBar={Bar} sx={{ '& .RaLayout-content': { p: { xs: 1, sm: 2 }, minWidth: 0 } }}>
      {children}
    </Layout>
  );
}

function Bar() {
  const { identity } = useGetIdentity();
  const name = identity?.fullName;
  return (
    <AppBar color="default" userMenu={<UserMenu {...(name && { label: name })} />}>
      <Typography component="span" sx={{ fontWeight: 700, mr: 2, display: { xs: 'none', sm: 'inline' } }}>
        Intermission
      </Typography>
      <TitlePortal component="h1" variant="subtitle1" />
      <Environment />
    </AppBar>
  );
}

/** Which installation this is, so that nobody closes the wrong one. */
function Environment() {
  const { identity } = useGetIdentity();
  const environment = (identity as Identity | undefined)?.environment;
  if (!environment) return null;
  const isProduction = /^prod/i.test(environment);
  return (
    <Chip
      size="small"
      variant="outlined"
      color={isProduction ? 'error' : 'primary'}
      label={environment}
      sx={{ mr: 1 }}
    />
  );
}
