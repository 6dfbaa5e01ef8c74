// biome-ignore-all lint/complexity/noExcessiveLinesPerFunction: one statement per table, generated
import { Migration } from '@mikro-orm/migrations';

export class Migration20261123031339_plan_windows extends Migration {
  override name = 'Migration20261123031339_plan_windows';

  override up(): void | Promise<void> {
    this.addSql(`alter table "notification" add "subject" varchar(200) null;`);
    this.addSql(
      `alter table "notification" add constraint "notification_subject_unique" unique ("subject");`,
    );

    this.addSql(`alter table "scheduled_maintenance" drop constraint "scheduled_maintenance_occurrence";`);
    this.addSql(
      `alter table "scheduled_maintenance" add "occurrence" timestamptz(3) null, add "wish" text null, add "outcome" text not null default '', add "announce_at" timestamptz(3) null, add "retry_at" timestamptz(3) null, add "lease_token" varchar(36) null, add "leased_at" double precision null;`,
    );
    this.addSql(
      `create index "scheduled_maintenance_announce_at_index" on "scheduled_maintenance" ("announce_at");`,
    );
    this.addSql(
      `alter table "scheduled_maintenance" add constraint "scheduled_maintenance_occurrence" unique ("series_id", "occurrence");`,
    );
    this.addSql(
      `alter table "scheduled_maintenance" add constraint "scheduled_maintenance_wish_check" check ("wish" in ('run', 'complete', 'cancel'));`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "notification" drop constraint "notification_subject_unique";`);
    this.addSql(`alter table "notification" drop column "subject";`);

    this.addSql(`drop index "scheduled_maintenance_announce_at_index";`);
    this.addSql(`alter table "scheduled_maintenance" drop constraint "scheduled_maintenance_occurrence";`);
    this.addSql(`alter table "scheduled_maintenance" drop constraint "scheduled_maintenance_wish_check";`);
    this.addSql(
      `alter table "scheduled_maintenance" drop column "occurrence", drop column "wish", drop column "outcome", drop column "announce_at", drop column "retry_at", drop column "lease_token", drop column "leased_at";`,
    );
    this.addSql(
      `alter table "scheduled_maintenance" add constraint "scheduled_maintenance_occurrence" unique ("series_id", "scheduled_start");`,
    );
  }
}
