/** The table of files in the schema `plinth`, and the function of the triggers that keep it in step with the rows. */

import { type Column, type DatabaseFunction, FILES_TABLE, KEEP_FILES, SYSTEM_SCHEMA, type Table } from '../../model/database.ts'

/**
 * One row for each file, from before its first byte is stored until after its last one is removed. So no file is forgotten, whatever ends
 * in between. The states are: `awaited`, somebody has its ticket; `open`, its bytes arrive; `stored`, it waits for a row; `used`, a row has
 * it; `removed`, the row has let it go; `deleting`, a process removes its bytes. `due`: when it is removed, if nothing happens; null while
 * a row has it.
 */
const FILES: Table = {
  name: FILES_TABLE,
  columns: [
    required('key', 'uuid'),
    required('target', 'text'),
    required('state', 'text'),
    optional('due', 'timestamp with time zone'),
    optional('ticket', 'bytea'),
    required('owner', 'text'),
    required('name', 'text'),
    optional('size', 'bigint'),
    optional('type', 'text'),
    optional('sha256', 'text'),
    { ...required('created_at', 'timestamp with time zone'), default: 'now()' },
  ],
  constraints: [{ kind: 'primary-key', name: 'files_pkey', columns: ['key'] }],
  indexes: [
    { name: 'files_due_idx', method: 'btree', parts: ['due'], unique: false, where: 'due IS NOT NULL' },
    { name: 'files_owner_idx', method: 'btree', parts: ['owner'], unique: false, where: 'due IS NOT NULL' },
    { name: 'files_ticket_key', method: 'btree', parts: ['ticket'], unique: true, where: null },
  ],
}

/** The table of the service. */
export const fileTables: readonly Table[] = [FILES]

const TABLE = `${SYSTEM_SCHEMA}.${FILES_TABLE}`

/** The id of a row as a part of an address: all bytes but the unreserved ones of RFC 3986 are percent-encoded. */
const ENCODED_ID = `(select string_agg(case when "@p".c ~ '^[A-Za-z0-9._~-]$' then "@p".c
      else upper(regexp_replace(encode(convert_to("@p".c, 'UTF8'), 'hex'), '(..)', '%\\1', 'g')) end, '' order by "@p".n)
    from regexp_split_to_table(to_jsonb(new) ->> tg_argv[1], '') with ordinality "@p"(c, n))`

/**
 * Before a write, exchanges the ticket of an upload for the file, and locks the upload; after it, the upload is used, and files that rows
 * no longer have are let go. So a write that adds no row after all (`on conflict`) leaves the ticket as it was. A row can get a file by a
 * ticket alone, and each ticket works once, in the transaction of the write. The arguments are the entity, the column of the id, and then
 * the column and the field of each file.
 */
const KEEP: DatabaseFunction = {
  name: KEEP_FILES.function,
  parameters: '',
  returns: 'trigger',
  body: `
declare
  before jsonb := case when tg_op = 'INSERT' then '{}' else to_jsonb(old) end;
  after jsonb := case when tg_op = 'DELETE' then '{}' else to_jsonb(new) end;
  held jsonb;
  gone jsonb;
  taken jsonb;
begin
  for i in 1 .. (tg_nargs - 2) / 2 loop
    held := coalesce(after -> tg_argv[2 * i], 'null');
    gone := coalesce(before -> tg_argv[2 * i], 'null');
    continue when held = gone;
    if held <> 'null' then
      if tg_when = 'BEFORE' then
        select jsonb_build_object('key', "@f".key, 'name', "@f".name, 'size', "@f".size, 'type', "@f".type, 'sha256', "@f".sha256)
        into taken from ${TABLE} "@f"
        where ("@f".ticket = sha256(convert_to(held ->> 'ticket', 'UTF8')) or "@f".key = (held ->> 'key')::uuid)
          and "@f".target = tg_argv[0] || '.' || tg_argv[2 * i + 1] and "@f".state = 'stored' and "@f".due > now()
        for update;
      else
        update ${TABLE} "@f" set state = 'used', due = null, ticket = null
        where "@f".key = (held ->> 'key')::uuid and "@f".state = 'stored' returning held into taken;
      end if;
      if taken is null then
        raise exception 'no upload for the file' using errcode = '23514', table = tg_table_name,
          constraint = tg_table_name || '_' || tg_argv[2 * i] || '_upload',
          detail = 'Failing row contains (' || (after ->> tg_argv[1]) || ', ...).';
      end if;
    end if;
    if tg_when = 'AFTER' then
      update ${TABLE} "@f" set state = 'removed', due = now() where "@f".key = (gone ->> 'key')::uuid;
    elsif held <> 'null' then
      new := jsonb_populate_record(new, jsonb_build_object(tg_argv[2 * i], taken || jsonb_build_object('at', ${ENCODED_ID})));
    end if;
  end loop;
  return case when tg_op = 'DELETE' then old else new end;
end`,
}

/** The function of the service. */
export const fileFunctions: readonly DatabaseFunction[] = [KEEP]

function required(name: string, type: string): Column {
  return { name, type, nullable: false, default: null, generated: null, identity: false }
}

function optional(name: string, type: string): Column {
  return { ...required(name, type), nullable: true }
}
