/**
 * The cases of the family `indexes`: each index that the design declares is there, and PostgreSQL reads it for the list that it is declared
 * for. That the backend does not refuse the list is shown by the family `lists`.
 */

import type { Entity, Field, Model } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { IndexedList, ListPlanFacts } from '../../cases/indexed-list.ts'
import type { ProbeCase } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { PlainValue } from '../../oracle/oracle-values.ts'

/** The claims about the declared indexes of all entities. */
export function indexCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model, design } = asking.reference
  return model.entities.flatMap((entity) => {
    const declared = [...(design.entities[entity.name]?.indexes ?? []), ...ofSubscriptions(model, entity)]
    return declared.length === 0 ? [] : [indexFamily(asking, entity, declared)]
  })
}

/** The index by which the subscriptions to an event are found. Designs do not declare it. */
function ofSubscriptions({ webhooks }: Model, { name }: Entity): readonly (readonly string[])[] {
  return webhooks.flatMap((webhook) => (webhook.kind === 'subscribed' && webhook.entity === name ? [[webhook.fields.events]] : []))
}

function indexFamily(asking: PlannedWorld, entity: Entity, declared: readonly (readonly string[])[]): PlannedFamily {
  const id = `indexes/${entity.name}`
  const probes = declared.flatMap((keys, i) => listsOf(asking, entity, keys).map((list) => probeOf(id, i, list)))
  const asked = [...new Set(probes.flatMap(({ goals }) => goals))]
  const wanted = declared.map((keys) => keys.join('+'))
  return {
    plan: {
      id,
      claim: `The indexes of ${entity.name} are there, and serve the lists that they are declared for.`,
      path: ['entities', entity.name, 'indexes'],
      oracle: 'the plan of PostgreSQL for a statement that is written from the design',
      text: 'the first fields of each index equal to a value, in the order of the others; sorts and reads of the whole table only as a last resort',
      what: 'declared indexes',
      asked: wanted.filter((goal) => asked.includes(goal)),
      impossible: [],
      untested: wanted.filter((goal) => !asked.includes(goal)),
    },
    cases: [],
    probes,
  }
}

/** A list that an index serves, and the index. */
interface ServedList {
  readonly goal: string
  readonly list: IndexedList
}

/**
 * The lists of one index: that of each list field which has an item, and that of the other fields, of which the first is equal to a value
 * if there are several.
 */
function listsOf({ reference }: PlannedWorld, entity: Entity, keys: readonly string[]): readonly ServedList[] {
  const goal = keys.join('+')
  const rows = reference.rows().get(entity.name) ?? []
  const parts = keys.flatMap((key) => {
    const field = entity.fields.find(({ name }) => name === key.replace(/^-/, ''))
    return field === undefined ? [] : [{ field, descending: key.startsWith('-') }]
  })
  const firstValue = ({ name }: Field): PlainValue => rows.map((row) => row[name] ?? null).find((value) => value !== null) ?? null
  const isList = ({ type }: Field): boolean => type.kind === 'list'
  const lists = parts.filter(({ field }) => isList(field))
  const [first, ...others] = parts.filter(({ field }) => !isList(field))
  const having = lists.flatMap(({ field }): readonly ServedList[] => {
    const item = rows.map((row) => row[field.name]).find((value) => Array.isArray(value) && value.length > 0)
    if (!Array.isArray(item)) return []
    return [{ goal, list: { entity, equal: [], having: { column: field.column, item: item[0] ?? null }, order: [] } }]
  })
  if (first === undefined) return having
  const value = firstValue(first.field)
  const orderOf = (all: readonly (typeof first)[]) => all.map(({ field, descending }) => ({ column: field.column, descending }))
  const ordered: IndexedList =
    others.length === 0 || value === null
      ? { entity, equal: [], having: null, order: orderOf([first, ...others]) }
      : { entity, equal: [{ column: first.field.column, value }], having: null, order: orderOf(others) }
  return [...having, { goal, list: ordered }]
}

function probeOf(id: string, index: number, { goal, list }: ServedList): ProbeCase {
  const part = list.having === null ? 'order' : `having-${list.having.column}`
  return {
    name: `${id}/${index}-${goal}/${part}`,
    claim: id,
    door: 'plan',
    user: null,
    goals: [goal],
    atoms: {},
    async ask(tools) {
      const facts = await tools.planOf(list)
      const why = 'the design declares the index'
      return {
        wrong: planMismatch(list, facts),
        statuses: [0],
        why,
        sent: { method: 'EXPLAIN', url: goal },
        answer: { status: 0, headers: {}, text: JSON.stringify(facts), json: undefined },
      }
    },
  }
}

/**
 * What is wrong with a plan; null if it reads an index by the conditions, and in the order. In a table of few rows, PostgreSQL may read
 * them in the order of another index, and look at the conditions row by row: then it is enough that an index is there.
 */
function planMismatch({ equal, having }: IndexedList, facts: ListPlanFacts): string | null {
  const { indexes, conditions, isSorted, isScanned, isIndexed } = facts
  if (isScanned || indexes.length === 0) return 'no index serves the list'
  if (isSorted) return `the rows of ${indexes.join(', ')} are sorted`
  const missing = [...equal.map(({ column }) => column), ...(having === null ? [] : [having.column])].find(
    (column) => !conditions.includes(column),
  )
  return missing === undefined || (having === null && isIndexed) ? null : `no index is read by ${missing}`
}
