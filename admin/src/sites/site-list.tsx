import { type Theme, Typography, useMediaQuery } from '@mui/material';
import {
  DataTable,
  FilterButton,
  List,
  SearchInput,
  SelectInput,
  SimpleList,
  TopToolbar,
  useRecordContext,
} from 'react-admin';
import type { SiteRow } from '../../../src/server/contract/sites.ts';
import { Badge } from '../parts/badge.tsx';
import { Nothing } from '../parts/nothing.tsx';
import { When } from '../parts/when.tsx';

const yesNo = (yes: string, no: string) => [
  { id: 'true', name: yes },
  { id: 'false', name: no },
];

const FILTERS = [
  <SearchInput
    key="q"
    source="q"
    alwaysOn
    placeholder="Search domains"
    slotProps={{ htmlInput: { 'aria-label': 'Search domains' } }}
  />,
  <SelectInput
    key="maintenance"
    source="maintenance"
    label="Maintenance"
    choices={yesNo('In maintenance', 'Open')}
  />,
  <SelectInput key="active" source="active" label="Activity" choices={yesNo('Active', 'Inactive')} />,
  <SelectInput
    key="engine"
    source="engine"
    label="Engine"
    choices={[
      { id: 'auto', name: 'Automatic' },
      { id: 'page_rules', name: 'Page rules' },
      { id: 'redirect_rules', name: 'Redirect rules' },
    ]}
  />,
];

/** All sites; filters, sorting and page are in the address. */
export function SiteList() {
  const isSmall = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  return (
    <List
      filters={FILTERS}
      sort={{ field: 'domain', order: 'ASC' }}
      perPage={25}
      actions={<Actions />}
      exporter={false}
      empty={<NoSites />}
      title="Sites"
    >
      {isSmall ? (
        <SimpleList<SiteRow>
          primaryText={(site) => site.domain}
          secondaryText={(site) =>
            site.holds[0]?.reason ? site.holds[0].reason : (site.apiKey?.name ?? 'no API key')
          }
          tertiaryText={(site) => <Badge state={site.state} />}
          linkType="show"
        />
      ) : (
        <Table />
      )}
    </List>
  );
}

function Actions() {
  return (
    <TopToolbar>
      <FilterButton />
    </TopToolbar>
  );
}

function Table() {
  return (
    <DataTable<SiteRow> rowClick="show" bulkActionButtons={false} size="small">
      <DataTable.Col source="domain" />
      <DataTable.Col source="state" disableSort label="State">
        <State />
      </DataTable.Col>
      <DataTable.Col source="until" disableSort label="Closed until">
        <Until />
      </DataTable.Col>
      <DataTable.Col source="apiKey.name" disableSort label="API key" />
      <DataTable.Col source="lastMaintenanceAt" label="Last change">
        <LastChange />
      </DataTable.Col>
    </DataTable>
  );
}

function State() {
  const site = useRecordContext<SiteRow>();
  return site === undefined ? null : <Badge state={site.state} />;
}

function Until() {
  const site = useRecordContext<SiteRow>();
  if (site === undefined || !site.maintenanceActive) return null;
  return <When time={site.until} none="until somebody reopens it" />;
}

function LastChange() {
  const site = useRecordContext<SiteRow>();
  return site === undefined ? null : <When time={site.lastMaintenanceAt} none="never" />;
}

function NoSites() {
  return (
    <Nothing title="No sites yet">
      <Typography variant="body2">
        Add the token of a Cloudflare account, and its zones become sites:
      </Typography>
      <Typography component="pre" variant="body2" sx={{ overflow: 'auto' }}>
        {'intermission api-key add main\nintermission sync_cloudflare'}
      </Typography>
    </Nothing>
  );
}
