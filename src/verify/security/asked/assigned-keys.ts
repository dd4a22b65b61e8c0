/** Names and values that a body may not have. */

import type { Entity, Field } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'

/** Names by which other systems give rights, or reach objects of the program. */
const USUAL_KEYS = ['isAdmin', 'admin', 'role_id', 'permissions', '__proto__', 'constructor'] as const

/** A name that no body may have, with a value. */
export interface AssignedKey {
  readonly name: string
  readonly value: unknown
  /** Whether it is refused as a name that does not exist, byte for byte. Others are refused in words of their own. */
  readonly isUnknown: boolean
}

/** A body, and who sends it. */
export interface Assigning {
  readonly verb: 'create' | 'update' | 'replace'
  readonly user: string | null
}

/** The names that no body may have: what the backend keeps, what it sets, what cannot change, and usual names. */
export function keysOf(asking: PlannedWorld, entity: Entity, { verb, user }: Assigning): readonly AssignedKey[] {
  const own = entity.fields.flatMap((field): readonly AssignedKey[] => {
    const { name, system, immutable, type, default: preset } = field
    // The version in the body of a replacement is the one that it is for; some entities have ids that clients choose.
    if (verb === 'replace' ? system === 'version' : system === 'id' && preset?.kind !== 'generated') return []
    // A field that no caller may write is like one that does not exist, also where the server computes its default.
    const isClosed = type.kind === 'scalar' && asking.reference.design.entities[entity.name]?.fields[name]?.write === 'false'
    const isKept = system !== null || type.kind === 'computed' || preset?.kind === 'set' || preset?.kind === 'sequence' || isClosed
    const value = (verb === 'replace' ? null : seenRow(asking, field, user)) ?? valueFor(asking, field)
    if (isKept) return [{ name, value, isUnknown: false }]
    return immutable && verb !== 'create' ? [{ name, value, isUnknown: false }] : []
  })
  return [...own, ...USUAL_KEYS.map((name) => ({ name, value: true, isUnknown: true }))]
}

/**
 * The id of a row that the caller sees, which a backend that takes the field would not refuse as a reference to a hidden row: another one
 * than its own account, if there is one. Null for a field that is no reference. A replacement may repeat what a row has, so it gets others.
 */
function seenRow({ reference }: PlannedWorld, { type }: Field, user: string | null): unknown {
  if (type.kind !== 'ref') return null
  const sight = reference.sightOf(user)
  const seen = (reference.rows().get(type.entity) ?? []).filter((row) => sight.sees(type.entity, row))
  return (seen.findLast(({ id }) => id !== user) ?? seen.at(-1))?.id ?? null
}

/** A value of the type of a field, where it is easy. */
function valueFor({ reference }: PlannedWorld, { type, system }: Field): unknown {
  if (system === 'version') return 77
  if (system === 'id' && type.kind === 'scalar') return type.scalar === 'integer' ? 987_654_321 : '01900000-0000-7000-8000-00000000dead'
  // A row that is there: another author.
  if (type.kind === 'ref') return reference.rows().get(type.entity)?.at(-1)?.id ?? '01900000-0000-7000-8000-000000000004'
  if (type.kind !== 'scalar') return 'x'
  return (
    { timestamp: '2020-01-01T00:00:00.000Z', date: '2020-01-01', integer: 77, number: 77, decimal: '77', boolean: true, text: 'forged' }[
      type.scalar as 'text'
    ] ?? 'x'
  )
}
