import { type EntityProperty, type Platform, Type } from '@mikro-orm/core';

/**
 * A moment in a table that better-auth writes too: ISO 8601 text in SQLite, where MikroORM would write a number that
 * better-auth cannot read, and a time with zone in PostgreSQL.
 */
export class ZonedTime extends Type<Date | null | undefined, string | Date | null | undefined> {
  override convertToDatabaseValue(
    value: Date | null | undefined,
    platform: Platform,
  ): string | Date | null | undefined {
    return value instanceof Date && !hasTimes(platform) ? value.toISOString() : value;
  }

  override convertToJSValue(value: string | Date | null | undefined): Date | null | undefined {
    return value == null ? value : new Date(value);
  }

  override getColumnType(_property: EntityProperty, platform: Platform): string {
    return hasTimes(platform) ? platform.getDateTimeTypeDeclarationSQL({ length: 3 }) : 'date';
  }

  override compareAsType(): string {
    return 'date';
  }

  override get runtimeType(): string {
    return 'Date';
  }
}

function hasTimes(platform: Platform): boolean {
  return platform.getDateTimeTypeDeclarationSQL({ length: 3 }) !== 'datetime';
}
