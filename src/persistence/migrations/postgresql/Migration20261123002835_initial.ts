// biome-ignore-all lint/complexity/noExcessiveLinesPerFunction: one statement per table, generated
import { Migration } from '@mikro-orm/migrations';

export class Migration20261123002835_initial extends Migration {
  override name = 'Migration20261123002835_initial';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "cloudflare_api_key" ("id" serial primary key, "name" varchar(100) not null, "description" text not null default '', "seal_id" varchar(36) not null, "api_token" text not null, "token_hint" varchar(4) not null, "account_id" varchar(32) null, "is_active" boolean not null default true, "is_default" boolean not null default false, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, "last_used_at" timestamptz(3) null);`,
    );
    this.addSql(
      `alter table "cloudflare_api_key" add constraint "cloudflare_api_key_name_unique" unique ("name");`,
    );
    this.addSql(
      `create unique index "cloudflare_api_key_one_default" on "cloudflare_api_key" ("is_default") where is_default and is_active;`,
    );

    this.addSql(
      `create table "cloudflare_site" ("id" serial primary key, "name" varchar(100) not null, "domain" varchar(253) not null, "zone_id" varchar(32) null, "zone_name" varchar(253) null, "account_id" varchar(32) null, "api_key_id" int null, "include_subdomains" boolean not null default true, "subdomain_list" text not null default '', "maintenance_url" varchar(500) null, "engine" text not null default 'auto', "open_paths" jsonb not null, "bypass_ips" jsonb not null, "brand" jsonb not null, "is_active" boolean not null default true, "maintenance_active" boolean not null default false, "last_maintenance_at" timestamptz(3) null, "edge_state" jsonb null, "zone_status" varchar(32) null, "zone_paused" boolean null, "zone_plan" varchar(32) null, "page_rule_quota" int null, "zone_checked_at" timestamptz(3) null, "version" int not null default 1, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null);`,
    );
    this.addSql(
      `alter table "cloudflare_site" add constraint "cloudflare_site_domain_unique" unique ("domain");`,
    );
    this.addSql(`create index "cloudflare_site_zone_id_index" on "cloudflare_site" ("zone_id");`);
    this.addSql(`create index "cloudflare_site_api_key_id_index" on "cloudflare_site" ("api_key_id");`);
    this.addSql(
      `create index "cloudflare_site_last_maintenance_at_index" on "cloudflare_site" ("last_maintenance_at");`,
    );
    this.addSql(`create index "cloudflare_site_created_at_index" on "cloudflare_site" ("created_at");`);

    this.addSql(
      `create table "heartbeat" ("name" varchar(40) not null, "owner" varchar(200) not null, "beat_at" timestamptz(3) not null, primary key ("name"));`,
    );

    this.addSql(`create table "installation" ("id" serial primary key, "instance_id" varchar(32) not null);`);

    this.addSql(
      `create table "maintenance_hold" ("id" serial primary key, "site_id" int not null, "name" varchar(100) not null, "reason" text not null default '', "message" text null, "url" varchar(500) null, "actor" varchar(200) not null default '', "source" text not null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, "expires_at" timestamptz(3) null, "released_at" timestamptz(3) null, "released_by" varchar(200) null);`,
    );
    this.addSql(`create index "maintenance_hold_site_id_index" on "maintenance_hold" ("site_id");`);
    this.addSql(
      `create index "maintenance_hold_expiry" on "maintenance_hold" ("released_at", "expires_at");`,
    );
    this.addSql(
      `create unique index "maintenance_hold_one_per_name" on "maintenance_hold" ("site_id", "name") where released_at is null;`,
    );

    this.addSql(
      `create table "maintenance_lock" ("zone_id" varchar(32) not null, "token" varchar(36) not null, "owner" varchar(200) not null, "acquired_at" double precision not null, "renewed_at" double precision not null, "expires_at" double precision not null, primary key ("zone_id"));`,
    );

    this.addSql(
      `create table "maintenance_log" ("id" serial primary key, "site_id" int null, "domain" varchar(253) null, "action" text not null, "status" text not null, "reason" text not null default '', "error_code" varchar(40) null, "error_message" text null, "actor" varchar(200) not null default '', "source" text not null, "plan" jsonb null, "cloudflare_response" jsonb null, "changed" jsonb null, "proof" text not null default 'skipped', "evidence" jsonb null, "duration_seconds" double precision null, "created_at" timestamptz(3) not null, "finished_at" timestamptz(3) null);`,
    );
    this.addSql(
      `create index "maintenance_log_stats" on "maintenance_log" ("created_at", "status", "duration_seconds");`,
    );
    this.addSql(`create index "maintenance_log_of_site" on "maintenance_log" ("site_id", "created_at");`);
    this.addSql(`create index "maintenance_log_of_domain" on "maintenance_log" ("domain", "created_at");`);
    this.addSql(`create index "maintenance_log_status" on "maintenance_log" ("status", "created_at");`);

    this.addSql(
      `create table "notification" ("id" serial primary key, "idempotency_key" varchar(36) not null, "event" varchar(40) not null, "channel" varchar(20) not null, "payload" jsonb not null, "attempts" int not null default 0, "last_error" text null, "next_attempt_at" timestamptz(3) null, "delivered_at" timestamptz(3) null, "created_at" timestamptz(3) not null);`,
    );
    this.addSql(
      `alter table "notification" add constraint "notification_idempotency_key_unique" unique ("idempotency_key");`,
    );
    this.addSql(`create index "notification_due" on "notification" ("delivered_at", "next_attempt_at");`);

    this.addSql(
      `create table "scheduled_maintenance" ("id" serial primary key, "title" varchar(200) not null, "description" text not null default '', "scheduled_start" timestamptz(3) not null, "estimated_duration" int not null, "scheduled_end" timestamptz(3) not null, "timezone" varchar(64) not null default 'UTC', "recurrence" varchar(200) null, "series_id" varchar(36) null, "selection" jsonb null, "status" text not null default 'scheduled', "priority" text not null default 'normal', "actual_start" timestamptz(3) null, "actual_end" timestamptz(3) null, "maintenance_message" text not null default '', "template" text not null default 'modern', "auto_enable" boolean not null default true, "auto_disable" boolean not null default true, "notify_before" int not null default 3600, "notify_on_start" boolean not null default true, "notify_on_complete" boolean not null default true, "created_by" varchar(200) not null default '', "execution_log" jsonb not null, "version" int not null default 1, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null);`,
    );
    this.addSql(
      `create index "scheduled_maintenance_due" on "scheduled_maintenance" ("status", "scheduled_start");`,
    );
    this.addSql(
      `alter table "scheduled_maintenance" add constraint "scheduled_maintenance_occurrence" unique ("series_id", "scheduled_start");`,
    );

    this.addSql(
      `create table "window_site" ("scheduled_maintenance_id" int not null, "cloudflare_site_id" int not null, primary key ("scheduled_maintenance_id", "cloudflare_site_id"));`,
    );
    this.addSql(
      `create index "window_site_cloudflare_site_id_index" on "window_site" ("cloudflare_site_id");`,
    );

    this.addSql(
      `alter table "cloudflare_site" add constraint "cloudflare_site_api_key_id_foreign" foreign key ("api_key_id") references "cloudflare_api_key" ("id") on delete set null;`,
    );
    this.addSql(
      `alter table "cloudflare_site" add constraint "cloudflare_site_engine_check" check ("engine" in ('auto', 'page_rules', 'redirect_rules'));`,
    );

    this.addSql(
      `alter table "maintenance_hold" add constraint "maintenance_hold_site_id_foreign" foreign key ("site_id") references "cloudflare_site" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "maintenance_hold" add constraint "maintenance_hold_source_check" check ("source" in ('cli', 'admin', 'schedule', 'library'));`,
    );

    this.addSql(
      `alter table "maintenance_log" add constraint "maintenance_log_site_id_foreign" foreign key ("site_id") references "cloudflare_site" ("id") on delete set null;`,
    );
    this.addSql(
      `alter table "maintenance_log" add constraint "maintenance_log_action_check" check ("action" in ('enable', 'disable', 'sync', 'error', 'configure'));`,
    );
    this.addSql(
      `alter table "maintenance_log" add constraint "maintenance_log_status_check" check ("status" in ('pending', 'success', 'failed'));`,
    );
    this.addSql(
      `alter table "maintenance_log" add constraint "maintenance_log_source_check" check ("source" in ('cli', 'admin', 'schedule', 'library'));`,
    );
    this.addSql(
      `alter table "maintenance_log" add constraint "maintenance_log_proof_check" check ("proof" in ('proven', 'unproven', 'skipped'));`,
    );

    this.addSql(
      `alter table "scheduled_maintenance" add constraint "scheduled_maintenance_status_check" check ("status" in ('scheduled', 'active', 'completed', 'cancelled', 'failed'));`,
    );
    this.addSql(
      `alter table "scheduled_maintenance" add constraint "scheduled_maintenance_priority_check" check ("priority" in ('low', 'normal', 'high', 'critical'));`,
    );
    this.addSql(
      `alter table "scheduled_maintenance" add constraint "scheduled_maintenance_template_check" check ("template" in ('modern', 'simple', 'premium', 'minimal'));`,
    );

    this.addSql(
      `alter table "window_site" add constraint "window_site_scheduled_maintenance_id_foreign" foreign key ("scheduled_maintenance_id") references "scheduled_maintenance" ("id") on update cascade on delete cascade;`,
    );
    this.addSql(
      `alter table "window_site" add constraint "window_site_cloudflare_site_id_foreign" foreign key ("cloudflare_site_id") references "cloudflare_site" ("id") on update cascade on delete cascade;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "cloudflare_site" drop constraint "cloudflare_site_api_key_id_foreign";`);
    this.addSql(`alter table "maintenance_hold" drop constraint "maintenance_hold_site_id_foreign";`);
    this.addSql(`alter table "maintenance_log" drop constraint "maintenance_log_site_id_foreign";`);
    this.addSql(`alter table "window_site" drop constraint "window_site_cloudflare_site_id_foreign";`);
    this.addSql(`alter table "window_site" drop constraint "window_site_scheduled_maintenance_id_foreign";`);

    this.addSql(`drop table if exists "cloudflare_api_key" cascade;`);
    this.addSql(`drop table if exists "cloudflare_site" cascade;`);
    this.addSql(`drop table if exists "heartbeat" cascade;`);
    this.addSql(`drop table if exists "installation" cascade;`);
    this.addSql(`drop table if exists "maintenance_hold" cascade;`);
    this.addSql(`drop table if exists "maintenance_lock" cascade;`);
    this.addSql(`drop table if exists "maintenance_log" cascade;`);
    this.addSql(`drop table if exists "notification" cascade;`);
    this.addSql(`drop table if exists "scheduled_maintenance" cascade;`);
    this.addSql(`drop table if exists "window_site" cascade;`);
  }
}
