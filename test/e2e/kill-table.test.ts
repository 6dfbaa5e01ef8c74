import { describeKillTable } from './kill-table.ts';

describeKillTable({ database: 'sqlite' });
