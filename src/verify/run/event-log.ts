/** The log of events in the database of a run: what a case has logged, and whether that is what was promised. */

import { isDeepStrictEqual } from 'node:util'
import { EVENT_NUMBERS, EVENTS_TABLE, LOG_PARTS, SYSTEM_SCHEMA } from '../../model/database.ts'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import { hasReactions } from '../../model/reaction.ts'
import type { Connection } from '../../postgres/connect.ts'
import { quoted } from '../../postgres/schema/ddl.ts'
import type { AllRows } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { isOfWrite, type PromisedEvent, promisedEvents } from '../rules/promised-events.ts'
import { type Snapshot, tableOf } from './rows.ts'

/** What the log is compared with. */
export interface LogOptions {
  readonly client: Connection
  readonly model: Model
  readonly design: WrittenDesign
  /** The rows before, as the database writes them. */
  readonly snapshot: Snapshot
  readonly before: AllRows
  readonly after: AllRows
}

const LOG = quoted(SYSTEM_SCHEMA, EVENTS_TABLE)

type Payload = Readonly<Record<string, unknown>> | null

interface LoggedEvent extends PromisedEvent {
  readonly after: Payload
  readonly before: Payload
}

/** Empties the log, so that it has only what the next case logs. */
export async function clearLog(client: Connection, model: Model): Promise<void> {
  if (hasReactions(model)) await client.query(`delete from ${LOG}`)
}

/** Takes away what the present transaction has logged, so that nobody ever reads it. */
export async function forgetOwnEvents(client: Connection, model: Model): Promise<void> {
  if (hasReactions(model)) await client.query(`delete from ${LOG} where xid = pg_current_xact_id()`)
}

/** Logs an event about a row as it is, as the step of an action does. Passwords and tokens are in no event. */
export async function logEvent(client: Connection, entity: Entity, { happening, id }: { readonly happening: string; readonly id: string }) {
  const hidden = entity.fields.filter(({ type }) => ['password', 'token'].includes(type.kind)).map(({ column }) => column)
  await client.query(
    `insert into ${LOG} (slot, id, entity, happening, row_id, version, depth, after)
      select (extract(epoch from clock_timestamp())::bigint / 86400 % ${LOG_PARTS})::smallint, nextval('${EVENT_NUMBERS}'),
        $1, $2, t.id::text, t.version, 0, to_jsonb(t) - $3::text[] from ${tableOf(entity)} t where t.id::text = $4`,
    [entity.name, happening, hidden, id],
  )
}

/** The events in the log, in the order of their numbers; none for a design that reacts to none. */
export async function readEvents(client: Connection, model: Model): Promise<readonly LoggedEvent[]> {
  if (!hasReactions(model)) return []
  const { rows } = await client.query<LoggedEvent>(`select entity, happening, row_id as "rowId", after, before from ${LOG} order by id`)
  return rows
}

/**
 * What differs between the log and the events of the writes between `before` and `after`; null if nothing does. Each event is logged once,
 * and has the whole row as it is afterwards (of a deleted row, as it was), without passwords and tokens; a change also has the row before.
 */
export async function logMismatch(options: LogOptions): Promise<string | null> {
  const { client, model, design, before, after } = options
  if (!hasReactions(model)) return null
  const logged = await readEvents(client, model)
  const [is, wanted] = [texts(logged), texts(promisedEvents(design, before, after))]
  if (is !== wanted) return `the log has ${is}, expected ${wanted}`
  return logged.length === 0 ? null : payloadMismatch(options, logged)
}

/** Whether the log has these events of actions, once each; with none, it may have no other. Events of writes are not counted. */
export async function emittedMismatch({ client, model }: LogOptions, emitted: readonly PromisedEvent[] | null): Promise<string | null> {
  if (!hasReactions(model) || emitted === null) return null
  const logged = (await readEvents(client, model)).filter((event) => !isOfWrite(event))
  const isOnce = (event: PromisedEvent): boolean => logged.filter((one) => textOf(one) === textOf(event)).length === 1
  const holds = emitted.length === 0 ? logged.length === 0 : emitted.every(isOnce)
  return holds ? null : `the log has ${texts(logged)}, expected ${texts(emitted)} once`
}

function textOf({ entity, happening, rowId }: PromisedEvent): string {
  return `${entity}.${happening} of ${rowId}`
}

function texts(events: readonly PromisedEvent[]): string {
  return events.length === 0 ? 'no event' : events.map(textOf).toSorted().join(', ')
}

/** Compares what events hold with the rows, both as PostgreSQL itself writes them. */
async function payloadMismatch({ client, model, design, snapshot }: LogOptions, logged: readonly LoggedEvent[]): Promise<string | null> {
  for (const event of logged.filter(isOfWrite)) {
    const entity = entityNamed(model, event.entity)
    const written = design.entities[event.entity]?.fields ?? {}
    const secret = entity.fields.filter(({ name }) => ['password', 'token'].includes(written[name]?.type ?? ''))
    const leaked = secret.find(({ column }) => Object.hasOwn({ ...event.before, ...event.after }, column))
    if (leaked !== undefined) return `the event ${textOf(event)} has ${leaked.name}`
    const table = quoted('public', entity.table)
    const record = (value: string): string => `to_jsonb(jsonb_populate_record(null::${table}, ${value}::jsonb))`
    const { rows } = await client.query<Readonly<Record<'after' | 'before' | 'is' | 'was', Payload>>>(
      `select ${record('$1')} as after, ${record('$2')} as before, ${record('$3')} as was,
        (select to_jsonb(t) from ${table} t where t.id::text = $4) as is`,
      [jsonText(event.after), jsonText(event.before), snapshot.get(event.entity)?.get(event.rowId) ?? null, event.rowId],
    )
    const [read] = rows
    const shown = (row: Payload | undefined): Payload =>
      row === null || row === undefined
        ? null
        : Object.fromEntries(entity.fields.filter((one) => !secret.includes(one)).map(({ column }) => [column, row[column] ?? null]))
    const [after, before] = [shown(event.happening === 'deleted' ? (read?.is ?? read?.was) : read?.is), shown(read?.was)]
    if (!isDeepStrictEqual(shown(read?.after), after)) return heldMismatch(event, 'after', after)
    const wanted = event.happening === 'updated' ? before : null
    if (!isDeepStrictEqual(event.before === null ? null : shown(read?.before), wanted)) return heldMismatch(event, 'before', wanted)
  }
  return null
}

function heldMismatch(event: LoggedEvent, part: 'after' | 'before', expected: Payload): string {
  return `the event ${textOf(event)} has ${part} ${JSON.stringify(event[part])}, expected ${JSON.stringify(expected)}`
}

function jsonText(payload: Payload): string | null {
  return payload === null ? null : JSON.stringify(payload)
}
