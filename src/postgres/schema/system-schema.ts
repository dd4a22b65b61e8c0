/** Plinth's own schema: the record of migrations, the functions that constraints and triggers call, and the tables of services. */

import { type Database, type DatabaseFunction, ITEM_FUNCTIONS, RAISE_VERSION, SYSTEM_SCHEMA, type Table } from '../../model/database.ts'

/** The table that records migrations. */
export const MIGRATIONS_TABLE = 'migrations'

const plain = { nullable: false, default: null, generated: null, identity: false } as const

const MIGRATIONS: Table = {
  name: MIGRATIONS_TABLE,
  columns: [
    { ...plain, name: 'id', type: 'bigint', identity: true },
    { ...plain, name: 'started_at', type: 'timestamp with time zone', default: 'now()' },
    // null: begun but not finished, so the next run compares everything again
    { ...plain, name: 'finished_at', type: 'timestamp with time zone', nullable: true },
    { ...plain, name: 'duration_ms', type: 'bigint', nullable: true },
    { ...plain, name: 'plinth_version', type: 'text' },
    // hashes of the desired schema, and of the catalogue after the migration: equal hashes mean that the database is up to date
    { ...plain, name: 'desired_hash', type: 'text' },
    { ...plain, name: 'catalog_hash', type: 'text', nullable: true },
    { ...plain, name: 'statements', type: 'jsonb' },
    // the objects that Plinth created: others are neither altered nor dropped unless that is allowed
    { ...plain, name: 'owned', type: 'jsonb' },
  ],
  constraints: [{ kind: 'primary-key', name: 'migrations_pkey', columns: ['id'] }],
  indexes: [],
}

const FUNCTIONS: readonly DatabaseFunction[] = [
  {
    name: ITEM_FUNCTIONS.shortest,
    parameters: 'items text[]',
    returns: 'integer',
    body: 'select min(char_length(item)) from unnest(items) as item',
  },
  {
    name: ITEM_FUNCTIONS.longest,
    parameters: 'items text[]',
    returns: 'integer',
    body: 'select max(char_length(item)) from unnest(items) as item',
  },
  {
    name: ITEM_FUNCTIONS.match,
    parameters: 'items text[], pattern text',
    returns: 'boolean',
    body: 'select coalesce(bool_and(item ~ pattern), true) from unnest(items) as item',
  },
  {
    name: ITEM_FUNCTIONS.joined,
    parameters: 'items text[]',
    returns: 'text',
    body: "select array_to_string(items, ' ')",
  },
  {
    // The arguments of the trigger are the names of columns. It runs only for updates that do not change the version, so never for writes
    // of the API.
    name: RAISE_VERSION.function,
    parameters: '',
    returns: 'trigger',
    body: `
begin
  if exists (select from unnest(tg_argv) as c (name) where to_jsonb(old) -> c.name <> 'null' and to_jsonb(new) -> c.name = 'null') then
    new.version := old.version + 1;
    new.updated_at := now();
  end if;
  return new;
end`,
  },
]

/** Returns Plinth's own schema with the tables and functions of its services. */
export function systemDatabase(tables: readonly Table[], functions: readonly DatabaseFunction[] = []): Database {
  return { schema: SYSTEM_SCHEMA, tables: [MIGRATIONS, ...tables], functions: [...FUNCTIONS, ...functions] }
}
