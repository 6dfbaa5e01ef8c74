// biome-ignore-all lint/complexity/noExcessiveLinesPerFunction: one statement per table, generated
import { Migration } from '@mikro-orm/migrations';

export class Migration20261123032826_add_users extends Migration {
  override name = 'Migration20261123032826_add_users';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "setup_link" ("token_hash" varchar(64) not null, "expires_at" timestamptz(3) not null, primary key ("token_hash"));`,
    );

    this.addSql(
      `create table "auth_user" ("id" varchar(64) not null, "name" varchar(100) not null, "email" varchar(254) not null, "email_verified" boolean not null default false, "image" text null, "role" text not null default 'viewer', "banned" boolean not null default false, "ban_reason" text null, "ban_expires" timestamptz(3) null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"));`,
    );
    this.addSql(`alter table "auth_user" add constraint "auth_user_email_unique" unique ("email");`);

    this.addSql(
      `create table "auth_account" ("id" varchar(64) not null, "account_id" varchar(64) not null, "provider_id" varchar(40) not null, "user_id" varchar(64) not null, "password" text null, "access_token" text null, "refresh_token" text null, "id_token" text null, "access_token_expires_at" timestamptz(3) null, "refresh_token_expires_at" timestamptz(3) null, "scope" text null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"));`,
    );
    this.addSql(`create index "auth_account_user_id_index" on "auth_account" ("user_id");`);

    this.addSql(
      `create table "auth_session" ("id" varchar(64) not null, "token" varchar(64) not null, "user_id" varchar(64) not null, "expires_at" timestamptz(3) not null, "ip_address" text null, "user_agent" text null, "impersonated_by" text null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"));`,
    );
    this.addSql(`alter table "auth_session" add constraint "auth_session_token_unique" unique ("token");`);
    this.addSql(`create index "auth_session_user_id_index" on "auth_session" ("user_id");`);

    this.addSql(
      `create table "auth_verification" ("id" varchar(64) not null, "identifier" text not null, "value" text not null, "expires_at" timestamptz(3) not null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"));`,
    );
    this.addSql(`create index "auth_verification_identifier_index" on "auth_verification" ("identifier");`);

    this.addSql(
      `alter table "auth_user" add constraint "auth_user_role_check" check ("role" in ('viewer', 'operator', 'admin'));`,
    );

    this.addSql(
      `alter table "auth_account" add constraint "auth_account_user_id_foreign" foreign key ("user_id") references "auth_user" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "auth_session" add constraint "auth_session_user_id_foreign" foreign key ("user_id") references "auth_user" ("id") on delete cascade;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "auth_account" drop constraint "auth_account_user_id_foreign";`);
    this.addSql(`alter table "auth_session" drop constraint "auth_session_user_id_foreign";`);

    this.addSql(`drop table if exists "setup_link" cascade;`);
    this.addSql(`drop table if exists "auth_user" cascade;`);
    this.addSql(`drop table if exists "auth_account" cascade;`);
    this.addSql(`drop table if exists "auth_session" cascade;`);
    this.addSql(`drop table if exists "auth_verification" cascade;`);
  }
}
