/** F200 at every place of a text: rows that hold texts with special characters, in tables, answers, events and filters. */

import { sampleValue } from '../../../compile/values/sample.ts'
import type { Entity } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { requestsOf } from '../../cases/usual-request.ts'
import { type AbstractRequest, type BodyValues, httpRequestOf } from '../../expected/abstract-request.ts'
import { changeMismatch } from '../../expected/compare.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { uniquesOf } from '../../expected/written-design.ts'
import type { SecurityProbe } from '../probes.ts'
import { firstWrong } from './ask-filters.ts'
import { listUrl, PIECES, questionsOf, TEXTS } from './text-filters.ts'

/** The longest of the texts, and the shortest field that takes all. */
const LONGEST = Math.max(...TEXTS.map((text) => text.length))

/** Sample values of other rows have lower numbers. */
const FIRST = 7_000

type Creation = Extract<AbstractRequest, { kind: 'create' }>

interface Planned {
  readonly user: string | null
  readonly request: Creation
  /** The status of the answer: 202 where it hides whether a login was taken. */
  readonly status: number
  /** The text of each row. */
  readonly texts: readonly string[]
  /** Texts that may have any value. */
  readonly fields: readonly string[]
  /** Lists of such texts. */
  readonly lists: readonly string[]
}

/**
 * The probe about the texts of an entity: they are stored, answered and logged as they are, and filters compare them as they are.
 *
 * @param filters whether filters are asked. They mean the same for all entities, so one entity is enough.
 */
export function textsEverywhere(asking: PlannedWorld, entity: Entity, filters: boolean): readonly SecurityProbe[] {
  const planned = plannedOf(asking, entity)
  if (planned === null) return []
  const { user, request, status, texts, fields, lists } = planned
  const sent = httpRequestOf(asking.reference.model, request)
  const filtered = filters && texts === TEXTS ? [...fields.slice(0, 1), ...lists.slice(0, 1)] : []
  const goals = [...[...fields, ...lists].map((name) => `${name}-stored`), ...filtered.map((name) => `${name}-filters`)]
  return [
    {
      goal: 'texts',
      goals,
      user,
      async ask(tools) {
        const token = tools.tokenOf(user)
        const answer = await tools.send({ ...sent, token })
        const outcome = { statuses: [status], why: 'a text means nothing more than any other text', sent, answer }
        if (answer.status !== status) return { ...outcome, wrong: `rows with such texts are answered ${answer.status}` }
        if (status === 202) return { ...outcome, wrong: null }
        const rows = answer.json as readonly BodyValues[]
        const changed = changedIn(rows, [...fields, ...lists], texts)
        if (changed !== null) return { ...outcome, wrong: changed }
        const ids = rows.map(({ id }) => String(id))
        const seen = await tools.send({ method: 'GET', url: listUrl(asking, entity, { ids, query: '' }), token })
        const shown = (seen.json?.data ?? []) as readonly BodyValues[]
        const isShown = (name: string): boolean => shown.length === rows.length && shown.every((row) => (row[name] ?? null) !== null)
        const why = 'the caller who creates such rows may not read their texts'
        const left = Object.fromEntries(filtered.filter((name) => !isShown(name)).map((name) => [`${name}-filters`, why]))
        for (const name of filtered.filter(isShown)) {
          const asked = questionsOf(asking, entity, { name, ids, isList: lists.includes(name) })
          const wrong = await firstWrong(tools, asked, { token, texts: TEXTS })
          if (wrong !== null) return { ...outcome, ...wrong, left }
        }
        return { ...outcome, wrong: null, left }
      },
      rows: (now, after) => changeMismatch(now, expectationOf(now, user, request).change, after),
      events: 'of-rows',
    },
  ]
}

/**
 * A create of one row for each text; null where none can be foreseen. Of accounts, whose passwords take long to hash, a row for each piece
 * is enough.
 */
function plannedOf(asking: PlannedWorld, entity: Entity): Planned | null {
  const { reference } = asking
  const isAccount = hasPassword(entity)
  const texts = isAccount ? PIECES.map((piece) => `a${piece}b`) : TEXTS
  for (const { user, request, expected } of requestsOf(asking, entity, 'create')) {
    const status = Number(expected.join())
    if (
      request.kind !== 'create' ||
      (status !== 201 && !(isAccount && status === 202)) ||
      isUnforeseen(reference, { user, request, api: 'rest' })
    )
      continue
    const writable = reference.sightOf(user).kind.writable(entity.name)
    const free = freeFields(asking, entity).filter(({ name }) => writable.has(name))
    const [fields, lists] = [false, true].map((isList) => free.filter((one) => one.isList === isList).map(({ name }) => name))
    if (fields === undefined || lists === undefined || free.length === 0) return null
    const rows = texts.map(
      (text, i): BodyValues => ({
        ...request.rows[0],
        ...(isAccount ? differing(asking, entity, i) : {}),
        ...Object.fromEntries([...fields.map((name) => [name, text]), ...lists.map((name) => [name, [text]])]),
      }),
    )
    const many: Creation = { ...request, rows, many: true }
    if (expectationOf(reference, user, many).statuses.join() === String(status))
      return { user, request: many, status, texts, fields, lists }
  }
  return null
}

/** Whether each row costs a hash. Filters are asked of other entities. */
export function hasPassword({ fields }: Entity): boolean {
  return fields.some(({ type }) => type.kind === 'password')
}

/** Values of the fields of which no two rows have the same, such as logins. @param n makes them different */
export function differing({ reference }: PlannedWorld, entity: Entity, n: number): BodyValues {
  const names = uniquesOf(reference.design.entities[entity.name]).flatMap(({ names: all }) => (all.length === 1 ? all : []))
  const values = entity.fields.filter(({ name }) => names.includes(name)).map(({ name, type }) => [name, sampleValue(type, FIRST + n)])
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}

/** Fields of an entity that take any short text, of which no rule and no constraint says anything. */
export function freeFields({ reference }: PlannedWorld, entity: Entity): readonly { readonly name: string; readonly isList: boolean }[] {
  const own = reference.design.entities[entity.name]
  const checks = Object.values(own?.checks ?? {}).map(({ rule }) => rule)
  // A constraint over several fields is kept by another one of them.
  const ruled = new Set(uniquesOf(own).flatMap(({ names }) => (names.length > 1 ? names : [])))
  return entity.fields.flatMap(({ name, type, immutable }) => {
    const written = own?.fields[name]
    if (written === undefined || immutable || written.set !== undefined || ruled.has(name)) return []
    const isList = type.kind === 'list'
    const scalar = type.kind === 'scalar' ? type : type.kind === 'list' && type.of.kind === 'scalar' ? type.of : null
    const item = isList
      ? (written as { readonly of?: { readonly pattern?: string; readonly min?: number; readonly max?: number } }).of
      : written
    const { pattern, min = 0, max = LONGEST } = item ?? {}
    const isFree = scalar?.scalar === 'text' && pattern === undefined && Number(min) <= 3 && Number(max) >= LONGEST
    return isFree && !checks.some((rule) => new RegExp(`\\b${name}\\b`).test(rule)) ? [{ name, isList }] : []
  })
}

/** The first text that an answer has in another form. */
function changedIn(rows: readonly BodyValues[], names: readonly string[], texts: readonly string[]): string | null {
  for (const [i, row] of rows.entries()) {
    for (const name of names) {
      const value = Array.isArray(row[name]) ? row[name][0] : row[name]
      if (value !== undefined && value !== null && value !== texts[i])
        return `${name}: ${JSON.stringify(texts[i])} became ${JSON.stringify(value)}`
    }
  }
  return null
}
