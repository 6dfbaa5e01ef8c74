import History from '@mui/icons-material/History';
import Language from '@mui/icons-material/Language';
import { useSyncExternalStore } from 'react';
import { Admin, Resource } from 'react-admin';
import { authProvider } from './api/auth-provider.ts';
import { dataProvider } from './api/data-provider.ts';
import { Dashboard } from './dashboard/dashboard.tsx';
import { Frame } from './frame.tsx';
import { LogDetailPage } from './logs/log-detail.tsx';
import { LogList } from './logs/log-list.tsx';
import { SetUpPage } from './sign-in/set-up-page.tsx';
import { SignInPage } from './sign-in/sign-in-page.tsx';
import { SiteDetailPage } from './sites/site-detail.tsx';
import { SiteList } from './sites/site-list.tsx';
import { darkTheme, lightTheme } from './theme.ts';

/** The whole admin: behind the link of the first start the set-up, otherwise the screens. */
export function App() {
  const token = /^#\/set-up\?token=(.+)$/.exec(useHash())?.[1];
  if (token !== undefined) return <SetUpPage token={decodeURIComponent(token)} />;
  return (
    <Admin
      title="Intermission"
      authProvider={authProvider}
      dataProvider={dataProvider}
      dashboard={Dashboard}
      layout={Frame}
      loginPage={SignInPage}
      lightTheme={lightTheme}
      darkTheme={darkTheme}
      disableTelemetry
      requireAuth
    >
      <Resource
        name="sites"
        icon={Language}
        list={SiteList}
        show={SiteDetailPage}
        recordRepresentation="domain"
      />
      <Resource name="logs" icon={History} list={LogList} show={LogDetailPage} options={{ label: 'Log' }} />
    </Admin>
  );
}

function useHash(): string {
  return useSyncExternalStore(
    (onChange) => {
      addEventListener('hashchange', onChange);
      return () => removeEventListener('hashchange', onChange);
    },
    () => location.hash,
  );
}
