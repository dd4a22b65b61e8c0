/** The triggers of Plinth in a catalogue, as the facts of a table. */

import { KEEP_FILES, LOG_EVENTS, type LoggedWrite, RAISE_VERSION, SYSTEM_SCHEMA, type Table } from '../../model/database.ts'

/** A trigger of a table that calls a function of Plinth. */
export interface TriggerRow {
  readonly table: string
  readonly name: string
  readonly function: string
  /** The arguments, each followed by a zero byte, in hexadecimal. */
  readonly arguments: string
  /** When it runs: the bits of `pg_trigger.tgtype`, the columns of an update, its condition, the names of its rows, and whether it runs. */
  readonly form: string
}

/** The condition stands in the text of a trigger alone. */
const CONDITION = `coalesce(substring(pg_get_triggerdef(t.oid) from ' FOR EACH [A-Z]+ WHEN (.*) EXECUTE FUNCTION '), '')`

/** Reads the triggers of tables. @param inSchema the condition for their tables, as the other queries of the catalogue have it */
export function triggersQuery(inSchema: string): string {
  return `
select c.relname as table, t.tgname as name, p.proname as function, encode(t.tgargs, 'hex') as arguments,
  concat_ws(' ', t.tgtype, t.tgenabled, t.tgnewtable, t.tgoldtable, t.tgattr, ${CONDITION}) as form
from pg_trigger t
join pg_class c on c.oid = t.tgrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_proc p on p.oid = t.tgfoid
where ${inSchema} and not t.tgisinternal and p.proname in ('${RAISE_VERSION.function}', '${LOG_EVENTS.function}', '${KEEP_FILES.function}')
  and p.pronamespace = (select s.oid from pg_namespace s where s.nspname = '${SYSTEM_SCHEMA}')
order by t.tgname collate "C"`
}

/** Arguments that no design asks for: those of a trigger in another form than that of this version. It is made again, or dropped. */
const OTHER = ['another form of the trigger']

/** The facts of a table that its triggers give. */
export function triggerFacts(rows: readonly TriggerRow[]): Pick<Table, 'nulled' | 'logged' | 'files'> {
  return { ...nulledOf(rows), ...loggedOf(rows), ...filesOf(rows) }
}

function nulledOf(rows: readonly TriggerRow[]): Pick<Table, 'nulled'> {
  const row = rows.find((one) => one.name === RAISE_VERSION.trigger && one.function === RAISE_VERSION.function)
  return row === undefined ? {} : { nulled: argumentsOf(row, FORMS.raise) }
}

function loggedOf(rows: readonly TriggerRow[]): Pick<Table, 'logged'> {
  const writes = Object.entries(LOG_EVENTS.triggers) as [LoggedWrite['write'], string][]
  const logged = rows.flatMap((row): readonly LoggedWrite[] => {
    const write = row.function === LOG_EVENTS.function ? writes.find(([, name]) => name === row.name)?.[0] : undefined
    return write === undefined ? [] : [{ write, arguments: argumentsOf(row, FORMS[write]) }]
  })
  return logged.length === 0 ? {} : { logged }
}

function filesOf(rows: readonly TriggerRow[]): Pick<Table, 'files'> {
  const { function: name, triggers } = KEEP_FILES
  const [take, release] = [triggers.take, triggers.release].map((one) => rows.find((row) => row.name === one && row.function === name))
  if (take === undefined && release === undefined) return {}
  // With one trigger alone, both are created again.
  if (take === undefined || release === undefined || take.arguments !== release.arguments) return { files: OTHER }
  return { files: release.form === FORMS.release ? argumentsOf(take, FORMS.take) : OTHER }
}

/**
 * The forms of the triggers that `ddl.ts` makes. The bits of the first number are: for each row (1), before (2), insert (4), delete (8),
 * update (16).
 */
const FORMS = {
  raise: '19 O  ((old.version = new.version))',
  take: '23 O  ',
  release: '29 O  ',
  insert: '4 O new_rows  ',
  update: '16 O new_rows old_rows  ',
  delete: '8 O old_rows  ',
} as const

function argumentsOf(row: TriggerRow, form: string): readonly string[] {
  return row.form === form ? Buffer.from(row.arguments, 'hex').toString().split('\0').slice(0, -1) : OTHER
}
