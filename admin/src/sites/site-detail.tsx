import { Alert, Stack, Typography } from '@mui/material';
import { Link, Show, TopToolbar, useRecordContext } from 'react-admin';
import type { SiteDetail } from '../../../src/server/contract/sites.ts';
import { Badge } from '../parts/badge.tsx';
import { Facts, Json, Panel } from '../parts/facts.tsx';
import { When } from '../parts/when.tsx';

const ENGINES = { auto: 'chosen by itself', page_rules: 'page rules', redirect_rules: 'redirect rules' };

/** A query of its own: what a list has read of it is not all. */
const DETAIL = { meta: { detail: true } };

/** One site, as the database knows it. */
export function SiteDetailPage() {
  return (
    <Show title={<Title />} actions={<Actions />} component="div" queryOptions={DETAIL}>
      <Overview />
    </Show>
  );
}

function Title() {
  const site = useRecordContext<SiteDetail>();
  return <>{site?.domain ?? 'Site'}</>;
}

function Actions() {
  const site = useRecordContext<SiteDetail>();
  if (site === undefined) return <TopToolbar />;
  const filter = encodeURIComponent(JSON.stringify({ domain: site.domain }));
  return (
    <TopToolbar>
      <Link to={`/logs?filter=${filter}`}>Its log</Link>
    </TopToolbar>
  );
}

function Overview() {
  const site = useRecordContext<SiteDetail>();
  if (site === undefined) return null;
  return (
    <Stack spacing={2}>
      {site.attention.map((text) => (
        <Alert key={text} severity="warning">
          {text}
        </Alert>
      ))}
      <Facts
        title="State"
        facts={[
          ['State', <Badge key="state" state={site.state} />],
          [
            'Closed until',
            site.maintenanceActive ? <When key="until" time={site.until} none="somebody reopens it" /> : null,
          ],
          ['Visitors are sent to', site.currentUrl],
          ['Message', site.message],
          ['Hosts', site.closedHosts.join(', ')],
          ['Last change', <When key="last" time={site.lastMaintenanceAt} none="never" />],
        ]}
      />
      {site.holds.length > 0 && <Holds holds={site.holds} />}
      <Configuration site={site} />
      <Json
        title="Rules that Cloudflare refused to take back"
        value={site.unrestored[0] && site.unrestored}
      />
      <Json
        title="Rules of ours that Cloudflare refused to remove"
        value={site.leftRules[0] && site.leftRules}
      />
    </Stack>
  );
}

function Holds({ holds }: Pick<SiteDetail, 'holds'>) {
  return (
    <Panel title="Who keeps it closed">
      <Stack spacing={1.5}>
        {holds.map(({ name, reason, actor, since, until }) => (
          <div key={name}>
            <Typography variant="body2" sx={{ fontWeight: 600 }}>
              {reason || 'No reason given'}
            </Typography>
            <Typography variant="body2" color="textSecondary">
              {name}, by {actor}, <When time={since} />
              {'; until '}
              <When time={until} none="it is released" />
            </Typography>
          </div>
        ))}
      </Stack>
    </Panel>
  );
}

function Configuration({ site }: { site: SiteDetail }) {
  return (
    <Facts
      title="Configuration"
      facts={[
        [
          'Zone',
          [site.zoneName, site.zoneStatus, site.zonePaused ? 'paused' : null].filter(Boolean).join(', '),
        ],
        ['API key', site.apiKey?.name ?? 'the default one'],
        ['Engine', ENGINES[site.engine]],
        ['Where visitors are sent', site.visitorUrl],
        ['Paths that stay open', site.openPaths.join(', ')],
        ['Addresses that pass', site.bypassIps.join(', ')],
        ['Added', <When key="added" time={site.createdAt} />],
      ]}
    />
  );
}
