import { describeKillTables } from './kill-table.ts';

describeKillTables('postgresql', { inverted: true });
