// Loaded only when a PostgreSQL database is opened.
export { PostgreSqlDriver } from '@mikro-orm/postgresql';
