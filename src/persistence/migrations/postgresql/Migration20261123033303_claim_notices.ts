// biome-ignore-all lint/complexity/noExcessiveLinesPerFunction: one statement per table, generated
import { Migration } from '@mikro-orm/migrations';

export class Migration20261123033303_claim_notices extends Migration {
  override name = 'Migration20261123033303_claim_notices';

  override up(): void | Promise<void> {
    this.addSql(
      `alter table "notification" add "claim_token" varchar(36) null, add "claimed_until" double precision null, add "remaining" jsonb null;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(
      `alter table "notification" drop column "claim_token", drop column "claimed_until", drop column "remaining";`,
    );
  }
}
