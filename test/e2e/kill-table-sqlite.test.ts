import { describeKillTables } from './kill-table.ts';

describeKillTables('sqlite', { inverted: false });
