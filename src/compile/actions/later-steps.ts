/** The steps `emit` and `enqueue` as statements: they write rows of Plinth's own tables, which are read after the commit. */

import { empty, ident, join, literal, numberLiteral, type Sql, sql, typeName } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Assignment, EmitStep, EnqueueStep } from '../../model/action.ts'
import { EVENT_NUMBERS, EVENTS_TABLE, LOG_PARTS, SYSTEM_SCHEMA } from '../../model/database.ts'
import { type LoggedResult, scalarType, type Term } from '../../model/expression.ts'
import { DUE_AT, JOB_INPUT_BYTES, type Job, type Schedule } from '../../model/job.ts'
import { entityNamed, type Model } from '../../model/model.ts'
import { resultMember } from '../../model/reaction.ts'
import { rowScope, type SqlScope, whenTrue } from '../rules/predicate-sql.ts'
import { bound, idColumn, termSql } from '../rules/term-sql.ts'
import { insertJobs } from '../statements/job-row.ts'
import { jsonColumn } from '../statements/json/json-sql.ts'
import { unloggedColumns } from '../tables/logged-writes.ts'
import { columnType } from '../values/column-type.ts'
import { newRowsFrame } from './create-steps.ts'
import { elementsSql, MAX_ELEMENTS, termsOfElements, tooManyElements } from './elements.ts'
import { type ActionScope, frameOf, idTerm, placeNamed } from './frame.ts'
import type { Stops } from './parts/stops.ts'
import { typedSql } from './parts/typed-sql.ts'

/** The statement that logs an event: nothing for a row that is missing. */
export function emitSql(asked: ActionScope, step: EmitStep): Sql {
  // The log is not an answer, so no rule hides anything from it.
  const shared: ActionScope = { ...asked, action: { ...asked.action, as: 'system' } }
  const { each, when, row, inputs, results, event } = step
  const entity = entityNamed(shared.model, row.entity)
  const id = idTerm(shared.model, row)
  const over = each === null ? [] : termsOfElements(shared, each.over)
  const own = new Map(each === null ? [] : [[each.name, empty]])
  const used = [id, ...inputs.map(({ value }) => value), ...results.flatMap((result) => termOfResult(shared.model, result))]
  const frame = frameOf(shared, [...used, ...over, when], own)
  const elements = each === null ? null : elementsSql(shared, each, frame)
  const scope = elements?.scope ?? frame.scope
  const isNamed = row.hops.length === 0
  const alias = isNamed ? bound(scope.rows, row.binding) : sql`"#about"`
  const reached = isNamed ? empty : sql` join ${ident(entity.table)} "#about" on "#about".${idColumn(entity)} = ${termSql(id, scope)}`
  const holds = [sql`${alias}.${idColumn(entity)} is not null`, ...(when === null ? [] : [whenTrue(when, scope)])]
  const members = [
    ...inputs.map(({ name, value }) => sql`${literal(name)}::text, ${typedSql(value, scope)}`),
    ...results.map((result) => sql`${literal(resultMember(result.name))}::text, ${resultSql(shared, result, scope)}`),
  ]
  // The id of the transaction comes before the number: readers take numbers of transactions that begin later as higher ones.
  const columns = [
    sql`(extract(epoch from clock_timestamp())::bigint / 86400 % ${numberLiteral(LOG_PARTS)})::smallint`,
    sql`pg_current_xact_id()`,
    sql`nextval(${literal(EVENT_NUMBERS)})`,
    literal(event.entity),
    literal(event.happening),
    sql`${alias}.${idColumn(entity)}::text`,
    sql`${alias}."version"`,
    sql`to_jsonb(${alias}) - ${literal(unloggedColumns(entity))}::text[]`,
    members.length === 0 ? sql`null` : sql`jsonb_build_object(${join(members, ', ', empty)})`,
  ]
  const log = ident(SYSTEM_SCHEMA, EVENTS_TABLE)
  const from = sql`${frame.from}${elements?.joined ?? empty}${reached}`
  return sql`insert into ${log} (slot, xid, id, entity, happening, row_id, version, after, input)
    select ${join(columns, ', ', empty)} from ${from} where ${join(holds, ' and ', empty)}`
}

/** The term with which a frame has the row of a result. */
function termOfResult(model: Model, { of }: LoggedResult): readonly Term[] {
  return of.kind === 'row' ? [idTerm(model, of.row)] : []
}

/** The JSON of a result: the row as it is now, the ids of rows with their number, or the values; null for a row that is missing. */
function resultSql({ model, places }: ActionScope, { of }: LoggedResult, scope: SqlScope): Sql {
  switch (of.kind) {
    case 'row': {
      const entity = entityNamed(model, of.row.entity)
      const alias = bound(scope.rows, of.row.binding)
      return sql`case when ${alias}.${idColumn(entity)} is not null then to_jsonb(${alias}) - ${literal(unloggedColumns(entity))}::text[] end`
    }
    case 'rows': {
      const { key } = placeNamed(places, of.rows.of.binding)
      const total = of.total === null ? sql`null::bigint` : termSql(of.total, scope)
      return sql`jsonb_build_object('ids', ${key}, 'total', ${total})`
    }
    case 'items':
      return sql`to_jsonb(${termSql(of.items, scope)})`
    default:
      return unreachable(of)
  }
}

/** The statement of an `enqueue`: adds a job, with `each` one for each element. */
export function enqueueSql(shared: ActionScope, step: EnqueueStep, stops: Stops): Sql {
  const { model } = shared
  const job = jobNamed(model, step.job)
  const set: readonly Assignment[] = step.inputs.map(({ name, value }) => ({ field: name, value, ifSent: null }))
  const time: readonly Assignment[] = step.runAt === null ? [] : [{ field: '', value: step.runAt, ifSent: null }]
  const { from, scope, place } = newRowsFrame(shared, { each: step.each, when: step.when, set: [...set, ...time] })
  const rows = sql`select ${place} as place, ${payloadSql(job, set, scope)} as payload, ${callerSql(model, scope)} as caller, ${timeSql(step, scope)} as at from ${from}`
  const unique = job.unique === null ? sql`null::text[]` : sql`array[${join(job.unique.map(literal), ', ', sql``)}]::text[]`
  const added = insertJobs({
    kind: literal(job.kind),
    payload: sql`n.payload`,
    caller: sql`n.caller`,
    at: sql`n.at`,
    unique,
    from: sql`new n order by n.place`,
  })
  const tooMany = stops.at(tooManyElements(step.each))
  const tooLarge = stops.at({ kind: 'job-input', job: job.kind })
  return sql`with new as materialized (${rows}), added as (${added})
    select case when (select count(*) from new) > ${numberLiteral(MAX_ELEMENTS)} then ${tooMany}
      when exists (select from new n where octet_length(n.payload) > ${numberLiteral(JOB_INPUT_BYTES)}) then ${tooLarge} end`
}

/** The input of a run of a schedule as JSON. `dueAt` is the time of the run. */
export function scheduleInputSql(model: Model, { inputs, job }: Schedule, dueAt: Sql): Sql {
  const scope: SqlScope = { ...rowScope(model, sql`null`), rows: new Map(), input: (name) => (name === DUE_AT ? dueAt : null) }
  return payloadSql(
    job,
    inputs.map(({ name, value }) => ({ field: name, value, ifSent: null })),
    scope,
  )
}

/** The input as JSON, in the form in which a request would send it. What is missing is left out. */
function payloadSql({ action }: Pick<Job, 'action'>, set: readonly Assignment[], scope: SqlScope): Sql {
  const members = set.map(({ field, value }) => {
    const type = action.inputs.find(({ name }) => name === field)?.type.type
    if (type === undefined) throw new Error(`no input ${field}`)
    const typed = sql`(${termSql(value, scope)})::${typeName(columnType(type))}`
    return sql`(${literal(field)}, to_jsonb(${jsonColumn({ type }, typed)}))`
  })
  if (members.length === 0) return sql`'{}'`
  return sql`(select coalesce(jsonb_object_agg(m.name, m.value) filter (where m.value is not null), '{}')::text from (values ${join(members, ', ', sql``)}) m(name, value))`
}

/** The id of the caller, who is the account after a `signIn`; null in a design without accounts. */
function callerSql({ claims }: Model, scope: SqlScope): Sql {
  const claim = claims.find(({ name }) => name === 'id')
  if (claim === undefined) return sql`null::text`
  const id: Term = { kind: 'auth', type: scalarType(claim.scalar), claim: 'id' }
  return sql`(${termSql(id, scope)})::text`
}

function timeSql({ runAt, delayMs }: EnqueueStep, scope: SqlScope): Sql {
  const later = sql`clock_timestamp() + ${numberLiteral(delayMs)} * interval '1 millisecond'`
  return runAt === null ? later : sql`coalesce(${termSql(runAt, scope)}, ${later})`
}

function jobNamed({ jobs }: Model, name: string): Job {
  const job = jobs.find(({ kind }) => kind === name)
  if (job === undefined) throw new Error(`no job ${name}`)
  return job
}
