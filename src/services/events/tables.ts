/** The tables of events in the schema `plinth`, and the trigger function that logs them. They are migrated like those of a design. */

import {
  type Column,
  type DatabaseFunction,
  DEPTH_NOW,
  EVENT_NUMBERS,
  EVENTS_TABLE,
  LOG_EVENTS,
  LOG_PARTS,
  ROTATING_SETTING,
  SYSTEM_SCHEMA,
  type Table,
} from '../../model/database.ts'

/** The part of the log for a moment, as SQL. */
const PART_NOW = `(extract(epoch from clock_timestamp())::bigint / 86400 % ${LOG_PARTS})::smallint`

/** The log: one row for each event, written by the transaction of the write that it is about. */
const EVENTS: Table = {
  name: EVENTS_TABLE,
  columns: [
    required('slot', 'smallint'),
    { ...required('xid', 'xid8'), default: 'pg_current_xact_id()' },
    required('id', 'bigint'),
    required('entity', 'text'),
    required('happening', 'text'),
    required('row_id', 'text'),
    required('version', 'bigint'),
    { ...required('at', 'timestamp with time zone'), default: 'now()' },
    optional('after', 'jsonb'),
    optional('before', 'jsonb'),
    optional('input', 'jsonb'),
    // How many reactions and jobs are between it and the request that began them; null for none.
    { ...optional('depth', 'smallint'), default: DEPTH_NOW },
  ],
  constraints: [],
  indexes: [
    { name: 'events_xid_id_idx', method: 'btree', parts: ['xid', 'id'], unique: false, where: null },
    { name: 'events_id_idx', method: 'btree', parts: ['id'], unique: false, where: null },
  ],
  partitions: { by: 'slot', count: LOG_PARTS },
}

/** Its sequence numbers the events. An identity column of a table with parts needs PostgreSQL 17. */
const NUMBERS: Table = {
  name: 'event_numbers',
  columns: [{ ...required('id', 'bigint'), identity: true }],
  constraints: [{ kind: 'primary-key', name: 'event_numbers_pkey', columns: ['id'] }],
  indexes: [],
}

/**
 * How far the log has been read. `seen` has all transactions whose events were delivered; those that began later have numbers above
 * `floor`. While a large batch is read in pages, `target` is the snapshot at its end, `last` the number up to which it was read, and
 * `until` the highest number that it may have. `fence` grows whenever another process takes over.
 */
const CONSUMERS: Table = {
  name: 'event_consumers',
  columns: [
    required('name', 'text'),
    required('seen', 'pg_snapshot'),
    optional('target', 'pg_snapshot'),
    { ...required('last', 'bigint'), default: '0' },
    { ...required('until', 'bigint'), default: '0' },
    { ...required('floor', 'bigint'), default: '0' },
    { ...required('fence', 'bigint'), default: '0' },
    optional('holder', 'uuid'),
    optional('held_until', 'timestamp with time zone'),
    { ...required('crashed', 'boolean'), default: 'false' },
  ],
  constraints: [{ kind: 'primary-key', name: 'event_consumers_pkey', columns: ['name'] }],
  indexes: [],
}

/**
 * Events that a reaction has to try again, that wait for an earlier event of their row, or that were given up (`dead`). Those that wait for
 * an earlier one have the `run_at` infinity, so that the index has the others only.
 */
const WAITING: Table = {
  name: 'event_waiting',
  columns: [
    required('reaction', 'text'),
    required('event', 'bigint'),
    required('entity', 'text'),
    required('happening', 'text'),
    required('row_id', 'text'),
    required('version', 'bigint'),
    required('at', 'timestamp with time zone'),
    optional('after', 'jsonb'),
    optional('before', 'jsonb'),
    optional('input', 'jsonb'),
    { ...required('attempt', 'integer'), default: '0' },
    { ...required('begun', 'smallint'), default: '0' },
    { ...required('run_at', 'timestamp with time zone'), default: 'now()' },
    { ...required('dead', 'boolean'), default: 'false' },
    { ...required('held', 'boolean'), default: 'false' },
    { ...required('replay', 'boolean'), default: 'false' },
    optional('depth', 'smallint'),
    optional('error', 'text'),
    optional('failed_at', 'timestamp with time zone'),
  ],
  constraints: [{ kind: 'primary-key', name: 'event_waiting_pkey', columns: ['reaction', 'event'] }],
  indexes: [
    { name: 'event_waiting_run_at_idx', method: 'btree', parts: ['run_at'], unique: false, where: 'not dead' },
    { name: 'event_waiting_begun_idx', method: 'btree', parts: ['run_at'], unique: false, where: '((begun > 0) AND (NOT dead))' },
    {
      name: 'event_waiting_row_idx',
      method: 'btree',
      parts: ['reaction', 'entity', 'row_id', 'dead', 'event'],
      unique: false,
      where: null,
    },
    { name: 'event_waiting_held_idx', method: 'btree', parts: ['reaction', 'entity', 'row_id', 'event'], unique: false, where: 'held' },
  ],
}

/** The tables of the service. */
export const eventTables: readonly Table[] = [EVENTS, NUMBERS, CONSUMERS, WAITING]

const INTO = `insert into ${SYSTEM_SCHEMA}.events (slot, id, entity, happening, row_id, version, depth, after, before)`
const NUMBER = `nextval('${EVENT_NUMBERS}')`

/**
 * Logs the rows of a statement. The arguments are the name of the entity, the columns that no event has, what happenings are logged, and
 * the column that marks deleted rows (empty for none). A full join, because PostgreSQL always runs it as a hash or merge join: the plan is
 * made for the rows of the first statement, and a later one may have many more. No column is
 * called like one of the aliases and variables. The depth is read once for a statement.
 */
const LOG: DatabaseFunction = {
  name: LOG_EVENTS.function,
  parameters: '',
  returns: 'trigger',
  body: `
declare
  "@part" smallint := ${PART_NOW};
  "@depth" smallint := ${DEPTH_NOW};
begin
  if tg_op = 'INSERT' then
    ${INTO}
    select "@part", ${NUMBER}, tg_argv[0], 'created', "@new".id::text, "@new".version, "@depth", to_jsonb("@new") - tg_argv[1]::text[], null
    from new_rows "@new";
  elsif tg_op = 'DELETE' then
    ${INTO}
    select "@part", ${NUMBER}, tg_argv[0], 'deleted', "@old".id::text, "@old".version, "@depth", to_jsonb("@old") - tg_argv[1]::text[], null
    from old_rows "@old" where to_jsonb("@old") ->> tg_argv[3] is null;
  elsif current_setting('${ROTATING_SETTING}', true) is distinct from 'on' then
    ${INTO}
    select "@part", ${NUMBER}, tg_argv[0], "@c".happening, "@new".id::text, "@new".version, "@depth", to_jsonb("@new") - tg_argv[1]::text[],
      case when "@c".happening = 'updated' then to_jsonb("@old") - tg_argv[1]::text[] end
    from new_rows "@new" full join old_rows "@old" on "@old".id = "@new".id
    cross join lateral (select case when to_jsonb("@new") ->> tg_argv[3] is null then 'updated' else 'deleted' end as happening) "@c"
    where to_jsonb("@old") ->> tg_argv[3] is null and "@c".happening = any (tg_argv[2]::text[]);
  end if;
  return null;
end`,
}

/** The functions of the service. */
export const eventFunctions: readonly DatabaseFunction[] = [LOG]

function required(name: string, type: string): Column {
  return { name, type, nullable: false, default: null, generated: null, identity: false }
}

function optional(name: string, type: string): Column {
  return { ...required(name, type), nullable: true }
}
