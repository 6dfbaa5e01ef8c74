import { Migration } from '@mikro-orm/migrations';

/** Gives this database the name that marks its rules at Cloudflare: 32 random hex characters. */
export class Migration20261123003000_name_the_installation extends Migration {
  override name = 'Migration20261123003000_name_the_installation';

  override up(): void {
    this.addSql(`insert into installation (id, instance_id) values (1, lower(hex(randomblob(16))))`);
  }
}
