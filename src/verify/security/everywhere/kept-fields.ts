/** F203 for replacements: what their caller may not write, and did not send, stays as it is. */

import { isDeepStrictEqual } from 'node:util'
import { type Entity, type Field, hasHooksFor } from '../../../model/model.ts'
import { replacementOf } from '../../cases/placed/replacement.ts'
import { harmless, type PlannedWorld } from '../../cases/questions.ts'
import { type AbstractRequest, httpRequestOf } from '../../expected/abstract-request.ts'
import { changeMismatch } from '../../expected/compare.ts'
import { expectationOf } from '../../expected/expectation.ts'
import type { Standpoint } from '../../expected/expected.ts'
import { isLive } from '../../expected/reference.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import type { SecurityProbe } from '../probes.ts'

const WHY = 'a replacement sets what its caller may set, and nothing else'

/** The rows that are tried for a kind of caller, those with the most values to lose first. */
const MOST_TRIED = 100

type Replacement = Extract<AbstractRequest, { kind: 'update' }>

/** One replacement for each kind of caller who may change a row: of a row whose other fields differ from their defaults. */
export function keptFields(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference, world } = asking
  if (hasHooksFor(entity.hooks, 'update')) return []
  const rows = (reference.rows().get(entity.name) ?? []).filter(isLive)
  const standing = [...world.accounts, null].map((user): Standpoint => ({ reference, user, sight: reference.sightOf(user), entity }))
  const able = standing.filter(({ sight }) => sight.kind.mayHold(entity.name, 'update.from'))
  const kinds = Map.groupBy(able, ({ sight }) => [...sight.kind.writable(entity.name)].join())
  return [...kinds.values()].flatMap((callers, i): readonly SecurityProbe[] => {
    const [first] = callers
    if (first === undefined) return []
    const kept = keptOf(first)
    // Fields of the backend itself never have their defaults.
    const lost = (row: PlainRow): number => kept.filter((field) => field.system === null && differsFromDefault(field, row)).length
    const pairs = callers.flatMap((at) => rows.map((row) => ({ at, row, lost: lost(row) })))
    for (const { at, row } of pairs.toSorted((a, b) => b.lost - a.lost).slice(0, MOST_TRIED)) {
      const request = replacementOf(at, row, harmless(at, row))
      if (expectationOf(reference, at.user, request).statuses.join() === '200')
        return [probeOf(asking, { user: at.user, request, kept, goal: `kept/replace-${i + 1}` })]
    }
    return []
  })
}

/** The fields that this caller never sets by a replacement, and that no write of its own changes. */
function keptOf({ reference, sight, entity }: Standpoint): readonly Field[] {
  const written = reference.design.entities[entity.name]?.fields ?? {}
  const writable = sight.kind.writable(entity.name)
  return entity.fields.filter(({ name, type, system, immutable }) => {
    if (system === 'id' || system === 'version' || system === 'updatedAt') return false
    if (type.kind === 'computed' || type.kind === 'file' || written[name]?.on === 'write') return false
    return immutable || type.kind === 'password' || !writable.has(name)
  })
}

function differsFromDefault({ name, default: preset }: Field, row: PlainRow): boolean {
  const value = row[name] ?? null
  return value !== null && !(preset?.kind === 'value' && isDeepStrictEqual(preset.value, value))
}

interface Keeping {
  readonly user: string | null
  readonly request: Replacement
  readonly kept: readonly Field[]
  readonly goal: string
}

function probeOf({ reference }: PlannedWorld, { user, request, kept, goal }: Keeping): SecurityProbe {
  const sent = httpRequestOf(reference.model, request)
  return {
    goal,
    user,
    async ask(tools) {
      const answer = await tools.send({ ...sent, token: tools.tokenOf(user) })
      return { wrong: answer.status === 200 ? null : `status ${answer.status}`, statuses: [200], why: WHY, sent, answer }
    },
    rows(now, after) {
      const before = now.find(request.entity, request.id)
      const row = after.get(request.entity)?.find(({ id }) => String(id) === request.id)
      const changed = kept.find(({ name }) => !isDeepStrictEqual(before?.[name], row?.[name]))
      if (changed !== undefined) return `${changed.name} is another one, and its caller may not set it`
      return changeMismatch(now, expectationOf(now, user, request).change, after)
    },
  }
}
