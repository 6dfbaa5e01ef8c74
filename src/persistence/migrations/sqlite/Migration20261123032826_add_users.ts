// biome-ignore-all lint/complexity/noExcessiveLinesPerFunction: one statement per table, generated
import { Migration } from '@mikro-orm/migrations';

export class Migration20261123032826_add_users extends Migration {
  override name = 'Migration20261123032826_add_users';

  override up(): void | Promise<void> {
    this.addSql(
      `create table \`setup_link\` (\`token_hash\` text not null primary key, \`expires_at\` datetime not null);`,
    );

    this.addSql(
      `create table \`auth_user\` (\`id\` text not null primary key, \`name\` text not null, \`email\` text not null, \`email_verified\` integer not null default false, \`image\` text null, \`role\` text check (\`role\` in ('viewer', 'operator', 'admin')) not null default 'viewer', \`banned\` integer not null default false, \`ban_reason\` text null, \`ban_expires\` date null, \`created_at\` date not null, \`updated_at\` date not null);`,
    );
    this.addSql(`create unique index \`auth_user_email_unique\` on \`auth_user\` (\`email\`);`);

    this.addSql(
      `create table \`auth_account\` (\`id\` text not null primary key, \`account_id\` text not null, \`provider_id\` text not null, \`user_id\` text not null, \`password\` text null, \`access_token\` text null, \`refresh_token\` text null, \`id_token\` text null, \`access_token_expires_at\` date null, \`refresh_token_expires_at\` date null, \`scope\` text null, \`created_at\` date not null, \`updated_at\` date not null, constraint \`auth_account_user_id_foreign\` foreign key (\`user_id\`) references \`auth_user\` (\`id\`) on delete cascade);`,
    );
    this.addSql(`create index \`auth_account_user_id_index\` on \`auth_account\` (\`user_id\`);`);

    this.addSql(
      `create table \`auth_session\` (\`id\` text not null primary key, \`token\` text not null, \`user_id\` text not null, \`expires_at\` date not null, \`ip_address\` text null, \`user_agent\` text null, \`impersonated_by\` text null, \`created_at\` date not null, \`updated_at\` date not null, constraint \`auth_session_user_id_foreign\` foreign key (\`user_id\`) references \`auth_user\` (\`id\`) on delete cascade);`,
    );
    this.addSql(`create unique index \`auth_session_token_unique\` on \`auth_session\` (\`token\`);`);
    this.addSql(`create index \`auth_session_user_id_index\` on \`auth_session\` (\`user_id\`);`);

    this.addSql(
      `create table \`auth_verification\` (\`id\` text not null primary key, \`identifier\` text not null, \`value\` text not null, \`expires_at\` date not null, \`created_at\` date not null, \`updated_at\` date not null);`,
    );
    this.addSql(
      `create index \`auth_verification_identifier_index\` on \`auth_verification\` (\`identifier\`);`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`setup_link\`;`);
    this.addSql(`drop table if exists \`auth_user\`;`);
    this.addSql(`drop table if exists \`auth_account\`;`);
    this.addSql(`drop table if exists \`auth_session\`;`);
    this.addSql(`drop table if exists \`auth_verification\`;`);
  }
}
