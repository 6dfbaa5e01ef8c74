// biome-ignore-all lint/complexity/noExcessiveLinesPerFunction: one statement per table, generated
import { Migration } from '@mikro-orm/migrations';

export class Migration20261123002835_initial extends Migration {
  override name = 'Migration20261123002835_initial';

  override up(): void | Promise<void> {
    this.addSql(
      `create table \`cloudflare_api_key\` (\`id\` integer not null primary key autoincrement, \`name\` text not null, \`description\` text not null default '', \`seal_id\` text not null, \`api_token\` text not null, \`token_hint\` text not null, \`account_id\` text null, \`is_active\` integer not null default true, \`is_default\` integer not null default false, \`created_at\` datetime not null, \`updated_at\` datetime not null, \`last_used_at\` datetime null);`,
    );
    this.addSql(
      `create unique index \`cloudflare_api_key_name_unique\` on \`cloudflare_api_key\` (\`name\`);`,
    );
    this.addSql(
      `create unique index \`cloudflare_api_key_one_default\` on \`cloudflare_api_key\` (\`is_default\`) where is_default and is_active;`,
    );

    this.addSql(
      `create table \`cloudflare_site\` (\`id\` integer not null primary key autoincrement, \`name\` text not null, \`domain\` text not null, \`zone_id\` text null, \`zone_name\` text null, \`account_id\` text null, \`api_key_id\` integer null, \`include_subdomains\` integer not null default true, \`subdomain_list\` text not null default '', \`maintenance_url\` text null, \`engine\` text check (\`engine\` in ('auto', 'page_rules', 'redirect_rules')) not null default 'auto', \`open_paths\` json not null, \`bypass_ips\` json not null, \`brand\` json not null, \`is_active\` integer not null default true, \`maintenance_active\` integer not null default false, \`last_maintenance_at\` datetime null, \`edge_state\` json null, \`zone_status\` text null, \`zone_paused\` integer null, \`zone_plan\` text null, \`page_rule_quota\` integer null, \`zone_checked_at\` datetime null, \`version\` integer not null default 1, \`created_at\` datetime not null, \`updated_at\` datetime not null, constraint \`cloudflare_site_api_key_id_foreign\` foreign key (\`api_key_id\`) references \`cloudflare_api_key\` (\`id\`) on delete set null);`,
    );
    this.addSql(`create unique index \`cloudflare_site_domain_unique\` on \`cloudflare_site\` (\`domain\`);`);
    this.addSql(`create index \`cloudflare_site_zone_id_index\` on \`cloudflare_site\` (\`zone_id\`);`);
    this.addSql(`create index \`cloudflare_site_api_key_id_index\` on \`cloudflare_site\` (\`api_key_id\`);`);
    this.addSql(
      `create index \`cloudflare_site_last_maintenance_at_index\` on \`cloudflare_site\` (\`last_maintenance_at\`);`,
    );
    this.addSql(`create index \`cloudflare_site_created_at_index\` on \`cloudflare_site\` (\`created_at\`);`);

    this.addSql(
      `create table \`heartbeat\` (\`name\` text not null primary key, \`owner\` text not null, \`beat_at\` datetime not null);`,
    );

    this.addSql(
      `create table \`installation\` (\`id\` integer not null primary key autoincrement, \`instance_id\` text not null);`,
    );

    this.addSql(
      `create table \`maintenance_hold\` (\`id\` integer not null primary key autoincrement, \`site_id\` integer not null, \`name\` text not null, \`reason\` text not null default '', \`message\` text null, \`url\` text null, \`actor\` text not null default '', \`source\` text check (\`source\` in ('cli', 'admin', 'schedule', 'library')) not null, \`created_at\` datetime not null, \`updated_at\` datetime not null, \`expires_at\` datetime null, \`released_at\` datetime null, \`released_by\` text null, constraint \`maintenance_hold_site_id_foreign\` foreign key (\`site_id\`) references \`cloudflare_site\` (\`id\`) on delete cascade);`,
    );
    this.addSql(`create index \`maintenance_hold_site_id_index\` on \`maintenance_hold\` (\`site_id\`);`);
    this.addSql(
      `create index \`maintenance_hold_expiry\` on \`maintenance_hold\` (\`released_at\`, \`expires_at\`);`,
    );
    this.addSql(
      `create unique index \`maintenance_hold_one_per_name\` on \`maintenance_hold\` (\`site_id\`, \`name\`) where released_at is null;`,
    );

    this.addSql(
      `create table \`maintenance_lock\` (\`zone_id\` text not null primary key, \`token\` text not null, \`owner\` text not null, \`acquired_at\` double not null, \`renewed_at\` double not null, \`expires_at\` double not null);`,
    );

    this.addSql(
      `create table \`maintenance_log\` (\`id\` integer not null primary key autoincrement, \`site_id\` integer null, \`domain\` text null, \`action\` text check (\`action\` in ('enable', 'disable', 'sync', 'error', 'configure')) not null, \`status\` text check (\`status\` in ('pending', 'success', 'failed')) not null, \`reason\` text not null default '', \`error_code\` text null, \`error_message\` text null, \`actor\` text not null default '', \`source\` text check (\`source\` in ('cli', 'admin', 'schedule', 'library')) not null, \`plan\` json null, \`cloudflare_response\` json null, \`changed\` json null, \`proof\` text check (\`proof\` in ('proven', 'unproven', 'skipped')) not null default 'skipped', \`evidence\` json null, \`duration_seconds\` double null, \`created_at\` datetime not null, \`finished_at\` datetime null, constraint \`maintenance_log_site_id_foreign\` foreign key (\`site_id\`) references \`cloudflare_site\` (\`id\`) on delete set null);`,
    );
    this.addSql(`create index \`maintenance_log_site_id_index\` on \`maintenance_log\` (\`site_id\`);`);
    this.addSql(
      `create index \`maintenance_log_stats\` on \`maintenance_log\` (\`created_at\`, \`status\`, \`duration_seconds\`);`,
    );
    this.addSql(
      `create index \`maintenance_log_of_site\` on \`maintenance_log\` (\`site_id\`, \`created_at\`);`,
    );
    this.addSql(
      `create index \`maintenance_log_of_domain\` on \`maintenance_log\` (\`domain\`, \`created_at\`);`,
    );
    this.addSql(
      `create index \`maintenance_log_status\` on \`maintenance_log\` (\`status\`, \`created_at\`);`,
    );

    this.addSql(
      `create table \`notification\` (\`id\` integer not null primary key autoincrement, \`idempotency_key\` text not null, \`event\` text not null, \`channel\` text not null, \`payload\` json not null, \`attempts\` integer not null default 0, \`last_error\` text null, \`next_attempt_at\` datetime null, \`delivered_at\` datetime null, \`created_at\` datetime not null);`,
    );
    this.addSql(
      `create unique index \`notification_idempotency_key_unique\` on \`notification\` (\`idempotency_key\`);`,
    );
    this.addSql(
      `create index \`notification_due\` on \`notification\` (\`delivered_at\`, \`next_attempt_at\`);`,
    );

    this.addSql(
      `create table \`scheduled_maintenance\` (\`id\` integer not null primary key autoincrement, \`title\` text not null, \`description\` text not null default '', \`scheduled_start\` datetime not null, \`estimated_duration\` integer not null, \`scheduled_end\` datetime not null, \`timezone\` text not null default 'UTC', \`recurrence\` text null, \`series_id\` text null, \`selection\` json null, \`status\` text check (\`status\` in ('scheduled', 'active', 'completed', 'cancelled', 'failed')) not null default 'scheduled', \`priority\` text check (\`priority\` in ('low', 'normal', 'high', 'critical')) not null default 'normal', \`actual_start\` datetime null, \`actual_end\` datetime null, \`maintenance_message\` text not null default '', \`template\` text check (\`template\` in ('modern', 'simple', 'premium', 'minimal')) not null default 'modern', \`auto_enable\` integer not null default true, \`auto_disable\` integer not null default true, \`notify_before\` integer not null default 3600, \`notify_on_start\` integer not null default true, \`notify_on_complete\` integer not null default true, \`created_by\` text not null default '', \`execution_log\` json not null, \`version\` integer not null default 1, \`created_at\` datetime not null, \`updated_at\` datetime not null);`,
    );
    this.addSql(
      `create index \`scheduled_maintenance_due\` on \`scheduled_maintenance\` (\`status\`, \`scheduled_start\`);`,
    );
    this.addSql(
      `create unique index \`scheduled_maintenance_occurrence\` on \`scheduled_maintenance\` (\`series_id\`, \`scheduled_start\`);`,
    );

    this.addSql(
      `create table \`window_site\` (\`scheduled_maintenance_id\` integer not null, \`cloudflare_site_id\` integer not null, primary key (\`scheduled_maintenance_id\`, \`cloudflare_site_id\`), constraint \`window_site_scheduled_maintenance_id_foreign\` foreign key (\`scheduled_maintenance_id\`) references \`scheduled_maintenance\` (\`id\`) on update cascade on delete cascade, constraint \`window_site_cloudflare_site_id_foreign\` foreign key (\`cloudflare_site_id\`) references \`cloudflare_site\` (\`id\`) on update cascade on delete cascade);`,
    );
    this.addSql(
      `create index \`window_site_scheduled_maintenance_id_index\` on \`window_site\` (\`scheduled_maintenance_id\`);`,
    );
    this.addSql(
      `create index \`window_site_cloudflare_site_id_index\` on \`window_site\` (\`cloudflare_site_id\`);`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`cloudflare_api_key\`;`);
    this.addSql(`drop table if exists \`cloudflare_site\`;`);
    this.addSql(`drop table if exists \`heartbeat\`;`);
    this.addSql(`drop table if exists \`installation\`;`);
    this.addSql(`drop table if exists \`maintenance_hold\`;`);
    this.addSql(`drop table if exists \`maintenance_lock\`;`);
    this.addSql(`drop table if exists \`maintenance_log\`;`);
    this.addSql(`drop table if exists \`notification\`;`);
    this.addSql(`drop table if exists \`scheduled_maintenance\`;`);
    this.addSql(`drop table if exists \`window_site\`;`);
  }
}
