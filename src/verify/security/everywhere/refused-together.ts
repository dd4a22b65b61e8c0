/** F104 for several writes that belong together: what a refused one follows must not stay. */

import type { Entity } from '../../../model/model.ts'
import { absentId } from '../../cases/absent-id.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestsOf } from '../../cases/usual-request.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import { type SentWrite, writesAsDocument, writesAsTransaction } from '../../requests/writes-together.ts'
import { type Creator, creating } from '../spoiled-bodies.ts'

/** A request that must be refused as a whole, and the same without what is wrong: it creates one row, the first good one. */
export interface Way {
  readonly goal: string
  readonly sent: SentOverHttp
  readonly corrected: SentOverHttp
  /** The end of the pointer that the refusal must have; absent where it may have none. */
  readonly pointer?: string
}

/** What is refused whatever the rows are. */
const ALWAYS: ReadonlySet<string> = new Set([
  'limit',
  'unknown-name',
  'missing',
  'update-stale',
  'delete-stale',
  'update-absent',
  'delete-absent',
])

/**
 * Documents of GraphQL with `@atomic` whose second or third mutation is refused, and transactions of which a change or a delete is refused.
 * What comes before are a create and, where the caller may make one, a change.
 */
export function atomicWays(asking: PlannedWorld, entity: Entity, { user, good, bad }: Creator): readonly Way[] {
  const { model } = asking.reference
  const [first = {}, second] = good
  const create = creating(entity, [first])
  const change = changeBy(asking, entity, user)
  const refused = [
    ...bad.map(({ cause, body }): readonly [string, SentWrite] => [cause, creating(entity, [body])]),
    ...refusedWrites(asking, entity, user),
  ]
  const ways = refused.flatMap(([cause, write], i): readonly (readonly [string, readonly SentWrite[]])[] => {
    // A change may free a value or a reference, so it comes only before what is refused whatever the rows are.
    const other = ALWAYS.has(cause) && change !== null ? change : second === undefined ? null : creating(entity, [second])
    return [
      [`${cause}/second`, [create, write]],
      ...(other === null ? [] : [[`${cause}/third`, [create, other, write]] as const]),
      ...(i === 0 ? [[`${cause}/before-another`, [write, create]] as const] : []),
    ]
  })
  const atomic = (writes: readonly SentWrite[]): SentOverHttp => writesAsDocument(asking.reference, writes, '@atomic')
  return [
    // GraphQL has no input type for a create without members.
    ...(hasApi(model, 'graphql') && Object.keys(first).length > 0
      ? ways.map(([goal, writes]) => ({
          goal: `${goal}-atomic`,
          sent: atomic(writes),
          corrected: atomic([create]),
        }))
      : []),
    ...(hasApi(model, 'transaction')
      ? ways
          // A refused create as the second of two operations has a goal of its own.
          .filter(([, writes]) => writes.length > 2 || writes[1]?.kind !== 'create')
          .map(([goal, writes]) => ({
            goal: `${goal}-operation`,
            sent: writesAsTransaction(model, writes),
            corrected: writesAsTransaction(model, [create]),
          }))
      : []),
  ]
}

/** A change that the caller may make, and that does not depend on the new row. */
function changeBy(asking: PlannedWorld, entity: Entity, user: string | null): SentWrite | null {
  for (const { user: other, request, expected } of requestsOf(asking, entity, 'update'))
    if (other === user && request.kind === 'update' && expected.join() === '200') return request
  return null
}

/** Changes and deletes that are refused whatever other rows are: of a stale version, and of a row that is not there; and a held delete. */
function refusedWrites(asking: PlannedWorld, entity: Entity, user: string | null): readonly (readonly [string, SentWrite])[] {
  return (['update', 'delete'] as const).flatMap((verb): readonly (readonly [string, SentWrite])[] => {
    const own = [...requestsOf(asking, entity, verb)].filter((one) => one.user === user)
    const done = own.find(({ expected }) => expected.every((status) => status < 300))?.request
    const held = own.find(({ expected }) => expected.join() === '409')?.request
    return [
      ...(done?.kind === verb
        ? ([
            [`${verb}-stale`, { ...done, version: 999_999 }],
            [`${verb}-absent`, { ...done, id: absentId(done.id) }],
          ] as const)
        : []),
      ...(held?.kind === verb ? ([[`${verb}-held`, held]] as const) : []),
    ]
  })
}
