/** Changes by which their caller loses sight of the row: they take place, and their answer has the id alone, at every door. */

import { type Entity, hasHooksFor } from '../../../model/model.ts'
import type { Case } from '../../cases/case.ts'
import { hasApi, WRITE_DOORS } from '../../cases/doors.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld, State } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { ALL, type BodyValues } from '../../expected/abstract-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { changedRow } from '../../expected/expectation-write.ts'
import type { Standpoint } from '../../expected/expected.ts'
import { isLive } from '../../expected/reference.ts'
import { ruleOf } from '../../expected/written-design.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { mentionsOf } from '../../rules/mentions.ts'
import { familyOfCases } from './family-of-cases.ts'

const CLAIM = 'values/out-of-sight'

/** The claim about changes that hide their row from their caller. */
export function outOfSightCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const cases = asking.reference.model.entities.flatMap((entity) => (hasHooksFor(entity.hooks, 'update') ? [] : ofEntity(asking, entity)))
  return familyOfCases(
    {
      id: CLAIM,
      claim: 'A write by which its caller loses sight of the row takes place, and shows nothing of it.',
      oracle: 'the read rule of the design, judged on the row after the write',
      text: 'a change of a field that only the read rule reads, after which the caller may not read the row, at each door of changes',
      untested: [],
    },
    cases,
  )
}

/** One change, at each door. What the rule of the change reads as well is asked by the cases about access. */
function ofEntity(asking: PlannedWorld, entity: Entity): readonly Case[] {
  const { reference, world } = asking
  const [read, to] = (['read', 'update.to'] as const).map((rule) => fieldsIn(asking, entity, rule))
  const names = [...(read ?? [])].filter((name) => to?.has(name) !== true)
  if (names.length === 0) return []
  const rows = (reference.rows().get(entity.name) ?? []).filter(isLive)
  for (const user of [...world.accounts, null]) {
    const at: Standpoint = { reference, user, sight: reference.sightOf(user), entity }
    if (!at.sight.kind.mayHold(entity.name, 'update.from')) continue
    for (const row of rows) {
      if (!at.sight.sees(entity.name, row)) continue
      const body = hidingChange(at, names, row)
      if (body !== null) return doorsOf(at, row, body)
    }
  }
  return []
}

/** The fields of the entity that a rule reads. */
function fieldsIn({ reference: { design, model } }: PlannedWorld, entity: Entity, rule: 'read' | 'update.to'): ReadonlySet<string> {
  const source = ruleOf(design.entities[entity.name], rule)
  const found = source === null ? undefined : mentionsOf(design, model, [{ entity: entity.name, source }]).get(entity.name)
  return new Set(found?.fields.keys())
}

/** A change of one of these fields that succeeds and hides the row; its value is that of another row. */
function hidingChange(at: Standpoint, names: readonly string[], row: PlainRow): BodyValues | null {
  const { reference, entity, sight, user } = at
  const writable = sight.kind.writable(entity.name)
  for (const { name, type, immutable } of entity.fields) {
    if (!names.includes(name) || !writable.has(name) || immutable) continue
    const others = (reference.rows().get(entity.name) ?? []).map((other) => other[name] ?? null)
    for (const value of new Set([...others, ...(type.kind === 'scalar' && type.scalar === 'boolean' ? [true, false] : [])])) {
      const body = { [name]: value }
      if (value === row[name] || sight.sees(entity.name, changedRow(at, row, body))) continue
      const request = {
        kind: 'update',
        entity: entity.name,
        mode: 'patch',
        id: String(row.id),
        body,
        version: null,
        selected: ALL,
      } as const
      if (expectationOf(reference, user, request).statuses.join() === '200') return body
    }
  }
  return null
}

function doorsOf(at: Standpoint, row: PlainRow, body: BodyValues): readonly Case[] {
  const { reference, user, entity } = at
  const state: State = { user, row, body, write: 'update', values: [], deciding: [], unlike: [] }
  return WRITE_DOORS.update.flatMap(({ name, api, request: requestOf }): readonly Case[] => {
    const request = hasApi(reference.model, api) ? requestOf({ ...at, state, field: null }) : null
    if (request === null || isUnforeseen(reference, { request, user, api })) return []
    const goal = `${entity.name}/${name}`
    return [{ name: `${CLAIM}/${goal}`, claim: CLAIM, door: name, api, user, request, goals: [goal], atoms: {} }]
  })
}
