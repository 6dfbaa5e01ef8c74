import { Alert, Stack } from '@mui/material';
import { Link, Show, TopToolbar, useRecordContext } from 'react-admin';
import type { LogDetail } from '../../../src/server/contract/logs.ts';
import { Badge } from '../parts/badge.tsx';
import { Facts, Json } from '../parts/facts.tsx';
import { When } from '../parts/when.tsx';

/** A query of its own: what a list has read of it is not all. */
const DETAIL = { meta: { detail: true } };

/** One entry of the log, with what was planned, changed, answered and seen. */
export function LogDetailPage() {
  return (
    <Show title={<Title />} actions={<TopToolbar />} component="div" queryOptions={DETAIL}>
      <Entry />
    </Show>
  );
}

function Title() {
  const log = useRecordContext<LogDetail>();
  return <>{log === undefined ? 'Log' : `${log.action} ${log.domain ?? ''}`}</>;
}

function Entry() {
  const log = useRecordContext<LogDetail>();
  if (log === undefined) return null;
  const site = log.siteId === null ? log.domain : <Link to={`/sites/${log.siteId}/show`}>{log.domain}</Link>;
  return (
    <Stack spacing={2}>
      {log.errorMessage !== null && (
        <Alert severity="error">
          {log.errorMessage} {log.errorCode !== null && `(${log.errorCode})`}
        </Alert>
      )}
      <Facts
        title={`Entry ${log.id}`}
        facts={[
          ['Action', log.action],
          ['Site', site],
          ['Status', <Badge key="status" state={log.status} />],
          ['Reason', log.reason],
          ['By', `${log.actor}, through ${log.source}`],
          ['Began', <When key="began" time={log.createdAt} />],
          ['Took', log.durationSeconds === null ? null : `${log.durationSeconds.toFixed(1)} s`],
          ['Seen by visitors', log.proof],
        ]}
      />
      <Json title="Plan" value={log.plan} />
      <Json title="Changes" value={log.changed} />
      <Json title="Evidence" value={log.evidence} />
      <Json title="Answer of Cloudflare" value={log.cloudflareResponse} />
    </Stack>
  );
}
