// biome-ignore-all lint/complexity/noExcessiveLinesPerFunction: one statement per table, generated
import { Migration } from '@mikro-orm/migrations';

export class Migration20261123040144_index_holds_by_name extends Migration {
  override name = 'Migration20261123040144_index_holds_by_name';

  override up(): void | Promise<void> {
    this.addSql(`create index \`maintenance_hold_name\` on \`maintenance_hold\` (\`name\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index \`maintenance_hold_name\`;`);
  }
}
