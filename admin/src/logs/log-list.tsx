import { type Theme, useMediaQuery } from '@mui/material';
import {
  DataTable,
  FilterButton,
  List,
  SearchInput,
  SelectInput,
  SimpleList,
  TextInput,
  TopToolbar,
  useRecordContext,
} from 'react-admin';
import type { LogRow } from '../../../src/server/contract/logs.ts';
import { Badge } from '../parts/badge.tsx';
import { Nothing } from '../parts/nothing.tsx';
import { When } from '../parts/when.tsx';

const choices = (...names: string[]) => names.map((name) => ({ id: name, name }));

const FILTERS = [
  <SearchInput
    key="q"
    source="q"
    alwaysOn
    placeholder="Search the log"
    slotProps={{ htmlInput: { 'aria-label': 'Search the log' } }}
  />,
  <SelectInput
    key="action"
    source="action"
    choices={choices('enable', 'disable', 'sync', 'error', 'configure')}
  />,
  <SelectInput key="status" source="status" choices={choices('success', 'failed', 'pending')} />,
  <SelectInput key="source" source="source" choices={choices('cli', 'admin', 'schedule', 'library')} />,
  <TextInput key="domain" source="domain" />,
  <TextInput key="actor" source="actor" />,
];

/** What was done, the newest first. */
export function LogList() {
  const isSmall = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  return (
    <List
      filters={FILTERS}
      sort={{ field: 'id', order: 'DESC' }}
      perPage={25}
      actions={<Actions />}
      exporter={false}
      empty={
        <Nothing title="Nothing has been done yet">
          What anybody closes, reopens or configures is listed here.
        </Nothing>
      }
      title="Log"
    >
      {isSmall ? (
        <SimpleList<LogRow>
          primaryText={(log) => `${log.action} ${log.domain ?? ''}`}
          secondaryText={(log) => `${log.actor}${log.reason === '' ? '' : `: ${log.reason}`}`}
          tertiaryText={(log) => <Badge state={log.status} />}
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
    <DataTable<LogRow> rowClick="show" bulkActionButtons={false} size="small">
      <DataTable.Col source="id" label="When">
        <Time />
      </DataTable.Col>
      <DataTable.Col source="action" disableSort />
      <DataTable.Col source="domain" label="Site" disableSort />
      <DataTable.Col source="status" disableSort>
        <Status />
      </DataTable.Col>
      <DataTable.Col source="reason" disableSort />
      <DataTable.Col source="actor" disableSort label="By" />
      <DataTable.Col source="source" disableSort label="Through" />
    </DataTable>
  );
}

function Time() {
  const log = useRecordContext<LogRow>();
  return log === undefined ? null : <When time={log.createdAt} />;
}

function Status() {
  const log = useRecordContext<LogRow>();
  return log === undefined ? null : <Badge state={log.status} />;
}
