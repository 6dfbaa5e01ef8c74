import { Migration } from '@mikro-orm/migrations';

/** Columns are added one by one: building the table anew, as it is generated, is not needed for them. */
export class Migration20261123031339_plan_windows extends Migration {
  override name = 'Migration20261123031339_plan_windows';

  override up(): void | Promise<void> {
    this.addSql('alter table `notification` add column `subject` text null;');
    this.addSql('create unique index `notification_subject_unique` on `notification` (`subject`);');
    this.addSql('drop index `scheduled_maintenance_occurrence`;');
    for (const column of COLUMNS) this.addSql(`alter table \`scheduled_maintenance\` add column ${column};`);
    this.addSql(
      'create index `scheduled_maintenance_announce_at_index` on `scheduled_maintenance` (`announce_at`);',
    );
    this.addSql(
      'create unique index `scheduled_maintenance_occurrence` on `scheduled_maintenance` (`series_id`, `occurrence`);',
    );
  }

  override down(): void | Promise<void> {
    this.addSql('drop index `notification_subject_unique`;');
    this.addSql('alter table `notification` drop column `subject`;');
    this.addSql('drop index `scheduled_maintenance_announce_at_index`;');
    this.addSql('drop index `scheduled_maintenance_occurrence`;');
    for (const column of COLUMNS) {
      this.addSql(`alter table \`scheduled_maintenance\` drop column ${column.split(' ')[0]};`);
    }
    this.addSql(
      'create unique index `scheduled_maintenance_occurrence` on `scheduled_maintenance` (`series_id`, `scheduled_start`);',
    );
  }
}

const COLUMNS = [
  '`occurrence` datetime null',
  "`wish` text check (`wish` in ('run', 'complete', 'cancel')) null",
  "`outcome` text not null default ''",
  '`announce_at` datetime null',
  '`retry_at` datetime null',
  '`lease_token` text null',
  '`leased_at` double null',
];
