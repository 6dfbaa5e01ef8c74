// biome-ignore-all lint/complexity/noExcessiveLinesPerFunction: one statement per table, generated
import { Migration } from '@mikro-orm/migrations';

export class Migration20261123033303_claim_notices extends Migration {
  override name = 'Migration20261123033303_claim_notices';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`notification\` add column \`claim_token\` text null;`);
    this.addSql(`alter table \`notification\` add column \`claimed_until\` double null;`);
    this.addSql(`alter table \`notification\` add column \`remaining\` json null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`notification\` drop column \`claim_token\`;`);
    this.addSql(`alter table \`notification\` drop column \`claimed_until\`;`);
    this.addSql(`alter table \`notification\` drop column \`remaining\`;`);
  }
}
