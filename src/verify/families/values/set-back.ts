/** Replacements that leave fields out which a change has just given other values than their defaults: each is set back. */

import { isDeepStrictEqual } from 'node:util'
import { type Entity, entityNamed, type Field, hasHooksFor, type Model } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import { isSingleKey } from '../../cases/new-body.ts'
import { replacementOf } from '../../cases/placed/replacement.ts'
import type { ProbeCase } from '../../cases/probe.ts'
import { otherValue, type PlannedWorld } from '../../cases/questions.ts'
import { type AbstractRequest, ALL, type BodyValues, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { changeMismatch } from '../../expected/compare.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { changedRow, createdRow } from '../../expected/expectation-write.ts'
import type { Standpoint } from '../../expected/expected.ts'
import { isLive, type ReferenceBackend, referenceOf } from '../../expected/reference.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { TRANSACTION } from '../../requests/transport-transaction.ts'

/** The rows that are tried for a kind of caller. */
const MOST_TRIED = 8

type Update = Extract<AbstractRequest, { kind: 'update' }>

interface SettingBack {
  readonly user: string | null
  /** The change before; null where the row has such values. */
  readonly change: Update | null
  readonly request: Update
  /** The fields that the replacement leaves out. */
  readonly names: readonly string[]
}

/** As few replacements as leave out each field that somebody may set back. The first is also sent in a transaction. */
export function setBackProbes(asking: PlannedWorld, entity: Entity, claim: string): readonly ProbeCase[] {
  const { model } = asking.reference
  if (hasHooksFor(entity.hooks, 'update') || !hasApi(model, 'rest')) return []
  const chosen = chosenOf(asking, entity)
  return chosen.flatMap((one, i) => {
    const name = `${claim}/${entity.name}/replace-${i + 1}`
    const goals = one.names.map((field) => `${entity.name}.${field}`)
    const sent = httpRequestOf(model, one.request)
    const together = TRANSACTION.encode({ ...asking, user: one.user, sight: asking.reference.sightOf(one.user) }, one.request, null)
    const also = { name: `${claim}/${entity.name}/transaction`, claim, door: 'transaction', goals: [`${entity.name}/transaction`] }
    return [
      probeOf({ name, claim, door: 'put', goals }, one, { model, sent }),
      ...(i === 0 && hasApi(model, 'transaction') ? [probeOf(also, one, { model, sent: together })] : []),
    ]
  })
}

/** For each kind of caller the replacement of a row that sets back most, as long as it sets back what none before it does. */
function chosenOf({ reference, world }: PlannedWorld, entity: Entity): readonly SettingBack[] {
  const rows = (reference.rows().get(entity.name) ?? []).filter(isLive)
  const standing = [...world.accounts, null].map((user): Standpoint => ({ reference, user, sight: reference.sightOf(user), entity }))
  const able = standing.filter(({ sight }) => sight.kind.mayHold(entity.name, 'update.from'))
  const kinds = Map.groupBy(able, ({ sight }) => [...sight.kind.writable(entity.name)].join())
  const shown = new Set<string>()
  return [...kinds.values()].flatMap((callers): readonly SettingBack[] => {
    const pairs = callers.flatMap((at) => rows.flatMap((row) => (at.sight.sees(entity.name, row) ? [{ at, row }] : [])))
    const allowed = pairs.filter(({ at, row }) => succeeds(at, replacementOf(at, row, {}))).slice(0, MOST_TRIED)
    const found: SettingBack[] = []
    for (const { at, row } of allowed) {
      const wanted = settableOf(at).filter(({ name }) => !shown.has(name))
      const one = wanted.length === 0 ? null : settingBack(at, row, wanted)
      if (one === null) continue
      found.push(one)
      for (const name of one.names) shown.add(name)
    }
    return found
  })
}

/** The fields that a replacement sets when it leaves them out. */
function settableOf({ sight, entity }: Standpoint): readonly Field[] {
  const writable = sight.kind.writable(entity.name)
  return entity.fields.filter(
    ({ name, type, immutable, optional, default: preset }) =>
      writable.has(name) &&
      !immutable &&
      !['password', 'file', 'computed'].includes(type.kind) &&
      (preset === null ? optional : preset.kind === 'value'),
  )
}

/** A change and a replacement that succeed one after the other; null if nothing is set back. */
function settingBack(at: Standpoint, row: PlainRow, fields: readonly Field[]): SettingBack | null {
  const { reference, user, entity } = at
  const presets = createdRow(at, {})
  const target = { kind: 'update', entity: entity.name, id: String(row.id), version: null, selected: ALL } as const
  const isPreset = (of: PlainRow, name: string): boolean => isDeepStrictEqual(of[name] ?? null, presets[name] ?? null)
  let given: BodyValues = {}
  for (const field of fields) {
    const value = isPreset(row, field.name) ? anotherValue(at, field, presets) : undefined
    const more = { ...given, [field.name]: value }
    if (value !== undefined && value !== null && succeeds(at, { ...target, mode: 'patch', body: more })) given = more
  }
  const after = changedRow(at, row, given)
  const changed = withRow(reference, entity, after)
  const later: Standpoint = { ...at, reference: changed, sight: changed.sightOf(user) }
  let { body } = replacementOf(later, after, {})
  const names: string[] = []
  for (const { name } of fields.filter((field) => !isPreset(after, field.name))) {
    const { [name]: _, ...rest } = body
    if (!succeeds(later, { ...target, mode: 'put', body: rest })) continue
    body = rest
    names.push(name)
  }
  const change = Object.keys(given).length === 0 ? null : ({ ...target, mode: 'patch', body: given } as const)
  return names.length === 0 ? null : { user, change, request: { ...target, mode: 'put', body }, names }
}

/** The backend with another row in place of the one with its id. */
function withRow(reference: ReferenceBackend, { name }: Entity, row: PlainRow): ReferenceBackend {
  const rows = (reference.rows().get(name) ?? []).map((one) => (one.id === row.id ? row : one))
  return referenceOf(reference.design, reference.model, new Map(reference.rows()).set(name, rows))
}

/** Whether checks may have something to say about a field. Of checks over relations, no request tells beforehand whether it keeps them. */
export function isChecked({ reference: { design } }: Standpoint, name: string): boolean {
  const rules = Object.values(design.entities).flatMap(({ checks = {} }) => Object.values(checks).map(({ rule }) => rule))
  return rules.some((rule) => new RegExp(`\\b${name}\\b`).test(rule))
}

/** A value that is no default; of a reference one that another row has. A unique one could be taken. */
function anotherValue(at: Standpoint, field: Field, presets: PlainRow): unknown {
  const { reference, entity } = at
  const preset = presets[field.name] ?? null
  if (isSingleKey(entity, field.name) || isChecked(at, field.name)) return undefined
  if (field.type.kind !== 'ref') return otherValue(field, preset)
  return (reference.rows().get(entity.name) ?? []).map((row) => row[field.name] ?? null).find((value) => value !== null && value !== preset)
}

function succeeds({ reference, user }: Standpoint, request: AbstractRequest): boolean {
  return expectationOf(reference, user, request).statuses.every((status) => status < 300)
}

const WHY = 'what a replacement leaves out becomes its default or null'

function probeOf(
  of: Pick<ProbeCase, 'name' | 'claim' | 'door' | 'goals'>,
  { user, change, request }: SettingBack,
  { model, sent }: { readonly model: Model; readonly sent: SentOverHttp },
): ProbeCase {
  return {
    ...of,
    ...{ user, atoms: {} },
    async ask(tools) {
      const token = tools.tokenOf(user)
      const before = change === null ? null : await tools.send({ ...httpRequestOf(model, change), token })
      const answer = await tools.send({ ...sent, token })
      const wrong = [before, answer].find((one) => one !== null && one.status !== 200)
      return { wrong: wrong == null ? null : `status ${wrong.status}`, statuses: [200], why: WHY, sent, answer }
    },
    rows(now, after) {
      const first = change === null ? null : expectationOf(now, user, change).change
      const changed = first?.kind === 'updated' ? withRow(now, entityNamed(model, request.entity), first.row) : now
      return changeMismatch(changed, expectationOf(changed, user, request).change, after)
    },
  }
}
