/** The writes of steps: new rows, changes and deletions, with the rules of the caller and the constraints of the tables. */

import { entityNamed, type Field } from '../../model/model.ts'
import { deletionOf } from '../expected/deletion.ts'
import { isOwnAncestor, violations, withComputed } from '../expected/expectation-write.ts'
import type { Standpoint as At } from '../expected/expected.ts'
import { setRow, setValues } from '../expected/kind-of-caller.ts'
import { type AccessRule as Rule, ruleOf } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { ActionWorld } from './action-world.ts'
import { isGenerated } from './new-rows.ts'
import { CallRefused, type Refusal } from './outcome.ts'

/** Values that a step gives to fields. */
export type StepValues = PlainRow

/** The id of a row that is not made yet. */
const NEW = 'ffffffff-ffff-7fff-8fff-ffffffffffff'

/** The caller may not do this. */
export const FORBIDDEN: Refusal = { status: 403, code: 'forbidden', pointers: null }

function at(world: ActionWorld, entity: string): At {
  const { reference, sight } = world
  return { reference: { ...reference, rows: () => world.rows }, user: null, sight, entity: entityNamed(reference.model, entity) }
}

/** Whether a rule of the entity is true for a row. The rule's `input` is what the step gives. */
export function permits(world: ActionWorld, rule: Rule, entity: string, { row, given }: { row: PlainRow; given: StepValues }): boolean {
  const source = ruleOf(world.reference.design.entities[entity], rule)
  return world.sight.holds(entity, source, row, given)
}

/** Whether the caller may set these fields on a row. Values that a hook has set are not judged. */
function mayWrite(world: ActionWorld, entity: string, { row, given, hooks }: NewRow): boolean {
  return Object.keys(given).every((name) => {
    if (hooks?.has(name) === true) return true
    const { write, set } = world.reference.design.entities[entity]?.fields[name] ?? {}
    // Nobody but the server sets such a field.
    if (set !== undefined) return false
    return write === undefined || world.sight.holds(entity, write, row, given)
  })
}

/** A new row: the values of the step, and defaults and values of the server for the other fields. */
export function rowOfStep(world: ActionWorld, entity: string, given: StepValues): PlainRow {
  const { design, model } = world.reference
  const set = setRow(design.entities[entity], 'create', world.caller)
  const valueIn = (field: Field): PlainValue => {
    if (Object.hasOwn(given, field.name)) return given[field.name] ?? null
    if (field.default?.kind === 'value') return field.default.value as PlainValue
    if (field.default?.kind === 'expression') return (world.caller.claims.get('id') ?? null) as PlainValue
    return set[field.name] ?? null
  }
  const { fields } = entityNamed(model, entity)
  const values = Object.fromEntries(fields.map((field) => [field.name, valueIn(field)]))
  return withComputed({ model, design }, entityNamed(model, entity), { ...values, id: NEW, version: 1 })
}

interface NewRow {
  readonly row: PlainRow
  readonly given: StepValues
  /** The fields that a hook has set. */
  readonly hooks?: ReadonlySet<string>
}

/** Whether this caller has a value for each required field that the server sets. */
export function hasServersValues({ reference, caller }: ActionWorld, entity: string, operation: 'create' | 'write'): boolean {
  return setValues(reference.design.entities[entity], operation, caller).every(
    ({ field, value }) => field.optional === true || value !== null,
  )
}

/** Whether the caller may make a row. The rules are judged before the row gets its numbers. */
export function mayMake(world: ActionWorld, entity: string, { row, given, ...more }: NewRow): boolean {
  const numbers = entityNamed(world.reference.model, entity).fields.filter(isGenerated)
  const draft = { ...more, row: { ...row, ...Object.fromEntries(numbers.map(({ name }) => [name, null])) }, given }
  return (
    world.isSystem ||
    (permits(world, 'create', entity, draft) && mayWrite(world, entity, draft) && hasServersValues(world, entity, 'create'))
  )
}

/** A row with a value in every field for which the server chooses one. */
function numbered({ reference }: ActionWorld, entity: string, row: PlainRow): PlainRow {
  const numbers = entityNamed(reference.model, entity).fields.filter(isGenerated)
  return { ...row, ...Object.fromEntries(numbers.map(({ name }) => [name, 0])) }
}

/** Judges the rows of an `ensure`, whether they are there or not. `isTwice` says that two of them are the same. @throws CallRefused */
export function judgeNew(world: ActionWorld, entity: string, made: readonly NewRow[], { isTwice }: { readonly isTwice: boolean }): void {
  const invalid = made.flatMap(({ row }) => brokenBy(world, entity, { row: numbered(world, entity, row), others: [] }))
  const isDenied = !made.every((one) => mayMake(world, entity, one))
  const twice: readonly Refusal[] = isTwice ? [{ status: 409, code: 'already_taken', pointers: null }] : []
  const refusals = [...(isDenied ? [FORBIDDEN] : []), ...(isDenied && made.length === 1 ? [] : [...invalid, ...twice])]
  if (refusals.length > 0) throw new CallRefused(refusals)
}

/** Puts new rows into the table and returns them. All rules see the rows before the step. @throws CallRefused */
export function insert(world: ActionWorld, entity: string, made: readonly NewRow[]): readonly PlainRow[] {
  const isDenied = !made.every((one) => mayMake(world, entity, one))
  const before = world.rows.get(entity) ?? []
  const rows = made.map(({ row }) => ({ ...row, ...world.newValues(entity) }))
  world.become(new Map([...world.rows, [entity, [...before, ...rows]]]))
  const broken = rows.flatMap((row, i) => brokenBy(world, entity, { row, others: [...before, ...rows.slice(0, i)] }))
  // The statement may find a broken constraint before it refuses another row.
  const refusals = [...(isDenied ? [FORBIDDEN] : []), ...(isDenied && rows.length === 1 ? [] : broken)]
  if (refusals.length > 0) throw new CallRefused(refusals)
  noteServersValues(world, entity, made)
  return rows
}

/** Notes which values the server has given to new rows. */
function noteServersValues(world: ActionWorld, entity: string, made: readonly NewRow[]): void {
  for (const [name, { type, within, set, on }] of Object.entries(world.reference.design.entities[entity]?.fields ?? {})) {
    if (type === 'token') world.seen.add('new token')
    if (type === 'sequence') world.seen.add(within === undefined ? 'new number' : 'new number within')
    if (set === undefined) continue
    world.seen.add(
      made.some(({ given }) => Object.hasOwn(given, name)) ? 'set field given by a step as system' : `set field on ${on ?? 'create'}`,
    )
  }
}

/** The refusals for a reference to a row that is gone. With a deletion in the same action, the server may blame that one. */
function danglingIn(world: ActionWorld, entity: string, row: PlainRow): readonly Refusal[] {
  const isDangling = entityNamed(world.reference.model, entity).fields.some(({ name, type }) => {
    const id = row[name] ?? null
    return type.kind === 'ref' && id !== null && world.find(type.entity, id) === null
  })
  if (!isDangling) return []
  return [
    { status: 400, code: 'validation_failed', pointers: null },
    { status: 409, code: 'still_referenced', pointers: null },
  ]
}

function brokenBy(world: ActionWorld, entity: string, { row, others }: { row: PlainRow; others: readonly PlainRow[] }): readonly Refusal[] {
  const statuses = violations(at(world, entity), row, others)
  return [
    ...danglingIn(world, entity, row),
    ...statuses.map((status) => ({ status, code: status === 409 ? 'already_taken' : 'validation_failed', pointers: null })),
  ]
}

/** A row and what changes in it. */
export type RowChange = NewRow

/** Changes rows. `isJudged` says whether the rules of the caller apply. @throws CallRefused */
export function change(
  world: ActionWorld,
  entity: string,
  { changes, isJudged }: { readonly changes: readonly RowChange[]; readonly isJudged: boolean },
): void {
  const { reference, caller } = world
  const authored = reference.design.entities[entity]
  const model = entityNamed(reference.model, entity)
  const after = changes.map(({ row, given, ...more }) => {
    const written = { ...row, ...setRow(authored, 'write', caller), ...given, version: Number(row.version) + 1 }
    return { ...more, row: withComputed(reference, model, written), before: row, given }
  })
  const mayChange = ({ before, ...one }: (typeof after)[number]): boolean =>
    permits(world, 'update.from', entity, { ...one, row: before }) &&
    permits(world, 'update.to', entity, one) &&
    mayWrite(world, entity, { ...one, row: before }) &&
    mayWrite(world, entity, one)
  if (isJudged && !(after.every(mayChange) && hasServersValues(world, entity, 'write'))) throw new CallRefused([FORBIDDEN])
  for (const { row } of after) world.changedByCode.set(row.id ?? null, false)
  const replaced = new Map(after.map(({ row, before }) => [before, row] as const))
  const rows = (world.rows.get(entity) ?? []).map((row) => replaced.get(row) ?? row)
  world.become(new Map([...world.rows, [entity, rows]]))
  const circles = after.some(({ row }) => isOwnAncestor(at(world, entity), row))
  const broken = after.flatMap(({ row }) => brokenBy(world, entity, { row, others: rows }))
  const refusals = [...(circles ? [{ status: 409, code: 'circular_reference', pointers: null }] : []), ...broken]
  if (refusals.length > 0) throw new CallRefused(refusals)
}

/** Deletes rows, with those that go with them. @throws CallRefused */
export function remove(world: ActionWorld, entity: string, rows: readonly PlainRow[]): void {
  const { reference, caller } = world
  const isSoft = reference.design.entities[entity]?.softDelete === true
  const mayRemove = (row: PlainRow): boolean =>
    permits(world, 'delete', entity, { row, given: {} }) && (!isSoft || hasServersValues(world, entity, 'write'))
  if (!world.isSystem && !rows.every(mayRemove)) throw new CallRefused([FORBIDDEN])
  // A soft deletion is a write, which sets the fields of every write.
  if (isSoft && !hasServersValues(world, entity, 'write'))
    throw new CallRefused([{ status: 400, code: 'validation_failed', pointers: null }])
  const after = deletionOf({ ...reference, rows: () => world.rows }, { entity, rows, caller })
  if (after === null) throw new CallRefused([{ status: 409, code: 'still_referenced', pointers: null }])
  for (const [name, remaining] of after) {
    const was = new Set(world.rows.get(name) ?? [])
    for (const row of remaining) if (!was.has(row)) world.changedByCode.set(row.id ?? null, false)
  }
  world.become(after)
}
