import { Alert, Box, Stack, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { Link, Title, useGetOne } from 'react-admin';
import type { Dashboard as Facts } from '../../../src/server/contract/dashboard.ts';
import { Panel } from '../parts/facts.tsx';
import { When } from '../parts/when.tsx';

const REFRESH_MS = 15_000;

/** What is closed, what comes next, what went wrong, and whether somebody reopens. */
export function Dashboard() {
  const { data, error } = useGetOne<Facts & { id: string }>(
    'dashboard',
    { id: 'now' },
    { refetchInterval: REFRESH_MS },
  );
  return (
    <>
      <Title title="Dashboard" />
      {error && <Alert severity="error">{error.message}</Alert>}
      {data && <Panels facts={data} />}
    </>
  );
}

function Panels({ facts }: { facts: Facts }) {
  return (
    <Stack spacing={2}>
      {!facts.heartbeat.isAlive && (
        <Alert severity="warning">
          Nothing reopens sites by itself now (last sign of life:{' '}
          <When time={facts.heartbeat.beatAt} none="never" />
          ). Run process_scheduled_maintenance every minute, or serve without --no-tick.
        </Alert>
      )}
      <Panel title={`${facts.sites.inMaintenance} of ${facts.sites.total} sites in maintenance`}>
        <Closed facts={facts} />
      </Panel>
      <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: '1fr', md: '1fr 1fr' } }}>
        <Windows facts={facts} />
        <Failures facts={facts} />
        <Panel title="The last 30 days">
          <Line main={`${facts.stats.total} operations`}>
            {facts.stats.successRate.toFixed(1)} % successful, {facts.stats.avgDuration.toFixed(1)} s on
            average
          </Line>
        </Panel>
        <Panel title="Calls left at Cloudflare">
          <Lines none="No API key is stored.">
            {facts.apiKeys.map(({ name, callsLeft }) => (
              <Line key={name} main={name}>
                {callsLeft === null ? 'not used yet' : `${callsLeft} calls`}
              </Line>
            ))}
          </Lines>
        </Panel>
      </Box>
    </Stack>
  );
}

function Closed({ facts }: { facts: Facts }) {
  return (
    <Lines none="Every site is open.">
      {facts.closed.map(({ id, domain, until, holds }) => (
        <Line key={id} main={<Link to={`/sites/${id}/show`}>{domain}</Link>}>
          until <When time={until} none="somebody reopens it" />
          {holds.map(
            ({ name, actor, reason }) => `; ${name}, by ${actor}${reason === '' ? '' : `: ${reason}`}`,
          )}
        </Line>
      ))}
    </Lines>
  );
}

function Windows({ facts }: { facts: Facts }) {
  return (
    <Panel title="Next windows">
      <Lines none="Nothing is planned.">
        {facts.windows.map(({ id, title, scheduledStart, status }) => (
          <Line key={id} main={title}>
            {status}, begins <When time={scheduledStart} />
          </Line>
        ))}
      </Lines>
    </Panel>
  );
}

function Failures({ facts }: { facts: Facts }) {
  return (
    <Panel title="Failures of the last day">
      <Lines none="Nothing failed.">
        {facts.failures.map(({ id, domain, action, errorMessage, createdAt }) => (
          <Line key={id} main={<Link to={`/logs/${id}/show`}>{`${action} ${domain ?? ''}`}</Link>}>
            {errorMessage} <When time={createdAt} />
          </Line>
        ))}
      </Lines>
    </Panel>
  );
}

function Lines({ none, children }: { none: string; children: ReactNode[] }) {
  if (children.length === 0)
    return (
      <Typography variant="body2" color="textSecondary">
        {none}
      </Typography>
    );
  return <Stack spacing={1}>{children}</Stack>;
}

function Line({ main, children }: { main: ReactNode; children: ReactNode }) {
  return (
    <div>
      <Typography variant="body2" sx={{ fontWeight: 600 }}>
        {main}
      </Typography>
      <Typography variant="body2" color="textSecondary" sx={{ overflowWrap: 'anywhere' }}>
        {children}
      </Typography>
    </div>
  );
}
