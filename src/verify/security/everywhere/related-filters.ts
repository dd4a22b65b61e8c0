/** F200 behind references and over relations: filters about the text of another row than the one that is listed. */

import { restBase } from '../../../model/address/served.ts'
import { type Entity, entityNamed } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { requestsOf } from '../../cases/usual-request.ts'
import { isLive } from '../../expected/reference.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import type { SecurityProbe } from '../probes.ts'
import { firstWrong } from './ask-filters.ts'
import { type OfField, PIECES, questionsAbout, TEXTS } from './text-filters.ts'
import { freeFields } from './texts-everywhere.ts'

/** The rows that are listed. */
const MOST_ROWS = 5

/** Signs that are asked alone, and not beside another one. */
const LESS_LIKELY: readonly string[] = PIECES.slice(6)

/** A text that its caller may change, and rows that lead to it. */
interface Related {
  readonly user: string | null
  /** The row whose text is changed. */
  readonly entity: Entity
  readonly id: string
  readonly field: string
  /** The entity that is listed. */
  readonly listed: Entity
  readonly of: OfField
}

/** A reference and a relation that lead from listed rows to a text; those that the caller may follow and change. */
export function relatedFilters(asking: PlannedWorld): readonly { readonly entity: Entity; readonly probe: SecurityProbe }[] {
  const { entities } = asking.reference.model
  const found = [
    ...entities.map((entity) => () => behindReference(asking, entity)),
    ...entities.map((entity) => () => overRelation(asking, entity)),
  ]
  const kinds = new Map<string, { readonly entity: Entity; readonly probe: SecurityProbe }>()
  for (const find of found) {
    const related = find()
    if (related === null) continue
    const kind = related.of.through?.id === null ? 'reference' : 'relation'
    if (!kinds.has(kind)) kinds.set(kind, { entity: related.listed, probe: probeOf(asking, kind, related) })
  }
  return [...kinds.values()]
}

interface Changeable {
  readonly user: string | null
  readonly row: PlainRow
  readonly field: string
}

/** Rows with a text that their callers see and may set to anything. */
function* changeable(asking: PlannedWorld, entity: Entity): Generator<Changeable> {
  const { reference } = asking
  const free = freeFields(asking, entity).filter(({ isList }) => !isList)
  if (free.length === 0) return
  for (const { user, request, expected } of requestsOf(asking, entity, 'update')) {
    if (request.kind !== 'update' || expected.join() !== '200' || isUnforeseen(reference, { user, request, api: 'rest' })) continue
    const row = reference.find(entity.name, request.id)
    const sight = reference.sightOf(user)
    const writable = sight.kind.writable(entity.name)
    const field = free.find(({ name }) => writable.has(name) && row !== undefined && sight.seesField(entity.name, name, row))?.name
    if (row !== undefined && field !== undefined) yield { user, row, field }
  }
}

/** Listed rows that refer to a row whose text is changed. */
function behindReference(asking: PlannedWorld, target: Entity): Related | null {
  const { reference } = asking
  for (const { user, row, field } of changeable(asking, target)) {
    const sight = reference.sightOf(user)
    for (const listed of reference.model.entities) {
      for (const { name, type } of listed.fields) {
        if (type.kind !== 'ref' || type.entity !== target.name) continue
        const rows = (reference.rows().get(listed.name) ?? []).filter(
          (one) => one[name] === row.id && isLive(one) && sight.sees(listed.name, one) && sight.seesField(listed.name, name, one),
        )
        const ids = rows.slice(0, MOST_ROWS).map(({ id }) => String(id))
        const of = { name: field, isList: false, ids, through: { name, target, id: null } }
        if (ids.length > 0) return { user, entity: target, id: String(row.id), field, listed, of }
      }
    }
  }
  return null
}

/** A listed row with a relation that has the row whose text is changed. */
function overRelation(asking: PlannedWorld, entity: Entity): Related | null {
  const { reference } = asking
  for (const { user, row, field } of changeable(asking, entity)) {
    const sight = reference.sightOf(user)
    for (const { name, type } of entity.fields) {
      if (type.kind !== 'ref' || !sight.seesField(entity.name, name, row)) continue
      const listed = entityNamed(reference.model, type.entity)
      const relation = listed.relations.find((one) => one.entity === entity.name && one.via === name)
      const parent = reference.find(listed.name, String(row[name]))
      if (relation === undefined || parent === undefined || !isLive(parent) || !sight.sees(listed.name, parent)) continue
      const through = { name: relation.name, target: entity, id: row.id ?? null }
      const of = { name: field, isList: false, ids: [String(parent.id)], through }
      return { user, entity, id: String(row.id), field, listed, of }
    }
  }
  return null
}

/** Changes the text again and again, and asks filters about it; about each sign alone also in GraphQL, and with the next text. */
function probeOf(asking: PlannedWorld, kind: string, { user, entity, id, field, listed, of }: Related): SecurityProbe {
  const url = `${restBase(asking.reference.model)}/${entity.path}/${id}`
  return {
    goal: `${of.through?.name}.${field}-by-${kind}`,
    user,
    async ask(tools) {
      const token = tools.tokenOf(user)
      const why = 'a text means nothing more than any other text'
      let last = { sent: { method: 'PATCH', url }, answer: await tools.send({ method: 'GET', url, token }) }
      for (const [i, text] of TEXTS.entries()) {
        if (i >= PIECES.length && LESS_LIKELY.some((piece) => text.includes(piece))) continue
        const sent = { method: 'PATCH', url, body: { [field]: text } }
        const answer = await tools.send({ ...sent, token })
        last = { sent, answer }
        if (answer.status !== 200) return { wrong: `status ${answer.status}`, statuses: [200], why, ...last }
        const isAlone = i < PIECES.length
        const asked = [i, ...(isAlone ? [i + 1] : [])]
          .flatMap((n) => questionsAbout(asking, listed, of, n))
          .filter(({ sent: { url: to } }) => isAlone || to !== '/graphql')
        const wrong = await firstWrong(tools, asked, { token, texts: of.ids.map(() => text) })
        if (wrong !== null) return { statuses: [200], why, ...wrong }
      }
      return { wrong: null, statuses: [200], why, ...last }
    },
    rows: () => null,
  }
}
