/** The doors that add an amount to a number, with the request that adds another one. */

import { type Entity, type Field, hasHooksFor } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { type AbstractRequest, ALL, type BodyValues, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { isLive } from '../../expected/reference.ts'
import { withLiterals } from '../../requests/graphql-literals.ts'
import { idScalarName, schemaNamesOf } from '../../requests/graphql-words.ts'
import { idVariable } from '../../requests/transport-graphql.ts'
import { TRANSACTION } from '../../requests/transport-transaction.ts'
import type { ValueDoor } from './value-doors.ts'

/** The doors of a number to which a caller may add one in some row; none for other fields. */
export function amountDoors(asking: PlannedWorld, entity: Entity, field: Field): readonly ValueDoor[] {
  const found = hasHooksFor(entity.hooks, 'update') || field.immutable ? null : addable(asking, entity, field)
  if (found === null) return []
  const { reference } = asking
  const { model } = reference
  const { user, id } = found
  const caller = { reference, user, sight: reference.sightOf(user) }
  const adding = (amounts: BodyValues): Change =>
    changing(entity, id, Object.fromEntries(Object.entries(amounts).map(([name, increment]) => [name, { increment }])) as BodyValues)
  const door = (name: string, requestWith: ValueDoor['requestWith']): ValueDoor => ({
    ...{ name, user, usual: 1, values: {}, requestWith },
    api: name.startsWith('graphql') ? 'graphql' : 'rest',
  })
  const graphql = (increment: BodyValues): SentOverHttp => {
    const { types, update } = schemaNamesOf(caller, entity)
    const scalar = idScalarName(entity)
    const query = `mutation ($id: ${scalar}!, $increment: ${types.get('Increment')}!) { ${update}(id: $id, increment: $increment) { id } }`
    return { method: 'POST', url: '/graphql', body: { query, variables: { id: idVariable(scalar, id), increment } } }
  }
  return [
    door('increment', (changed) => httpRequestOf(model, adding(changed))),
    ...(hasApi(model, 'transaction')
      ? [door('transaction-increment', (changed) => TRANSACTION.encode(caller, adding(changed), null))]
      : []),
    ...(hasApi(model, 'graphql')
      ? [door('graphql-increment', graphql), door('graphql-literal-increment', (changed) => withLiterals(graphql(changed), entity))]
      : []),
  ]
}

type Change = Extract<AbstractRequest, { kind: 'update' }>

function changing({ name }: Entity, id: string, body: BodyValues): Change {
  return { kind: 'update', entity: name, mode: 'patch', id, body, version: null, selected: ALL }
}

/** A caller, and a row whose value it may make greater by one; null if there is none. */
function addable(
  { reference, world }: PlannedWorld,
  entity: Entity,
  { name, type }: Field,
): { readonly user: string | null; readonly id: string } | null {
  if (type.kind !== 'scalar' || !['integer', 'decimal', 'number'].includes(type.scalar)) return null
  for (const user of [...world.accounts, null]) {
    if (!reference.sightOf(user).kind.writable(entity.name).has(name)) continue
    for (const row of (reference.rows().get(entity.name) ?? []).filter(isLive)) {
      const value = row[name] ?? null
      if (value === null) continue
      const sum = Number(value) + 1
      const body = { [name]: type.scalar === 'decimal' ? sum.toFixed(type.precision?.scale ?? 0) : sum }
      const { statuses } = expectationOf(reference, user, changing(entity, String(row.id), body))
      if (statuses.every((status) => status < 300)) return { user, id: String(row.id) }
    }
  }
  return null
}
