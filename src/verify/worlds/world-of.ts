/** Rows and callers in which the conditions of a design take all the values that they can. The same design gives the same world. */

import type { Entity, Model } from '../../model/model.ts'
import { isLive, oraclesOfDesign } from '../expected/reference.ts'
import { ACCESS_RULES, ruleOf, type WrittenDesign } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { type About, type Mentions, mentionsOf } from '../rules/mentions.ts'
import { addRow, freshParent } from './add-row.ts'
import { axesOf, type Building, ownParents } from './building.ts'
import { fewestFirst, startingFrom } from './combined-values.ts'
import { addExtraRows, entitiesInOrder } from './extra-rows.ts'
import { type Assigned, NoSample } from './new-row.ts'

/** The rows and callers of the cases of a design. */
export interface CaseWorld {
  readonly rows: ReadonlyMap<string, readonly PlainRow[]>
  /** Ids of the accounts that make requests. Anonymous callers come in addition. */
  readonly accounts: readonly string[]
  /** Entities with more combinations of values than rows. */
  readonly capped: ReadonlySet<string>
  /** Entities without rows, with the reason. */
  readonly empty: ReadonlyMap<string, string>
  readonly mentions: Mentions
}

const MOST_ROWS = 40
/** A page of related rows has 20; wishes and changes need room. */
const MOST_CHILDREN = 12
const MOST_ACCOUNTS = 10

/**
 * Makes the world of a design.
 *
 * @param passwordHash the stored form of the password of all accounts.
 * @param spares how many rows of each entity are added that no rule needs.
 */
export function worldOf(design: WrittenDesign, model: Model, passwordHash: string, spares = 1): CaseWorld {
  const mentions = mentionsOf(design, model, expressionsOf(design))
  const rows = new Map<string, PlainRow[]>(model.entities.map(({ name }) => [name, []]))
  const building = buildingOf(design, model, { passwordHash, rows, mentions, mostChildren: MOST_CHILDREN })
  for (const entity of entitiesInOrder(model)) {
    try {
      addRows(building, entity)
    } catch (error) {
      if (!(error instanceof NoSample)) throw error
      building.empty.set(entity.name, error.message)
    }
    if ((rows.get(entity.name) ?? []).length === 0 && !building.empty.has(entity.name))
      building.empty.set(entity.name, `no row of ${entity.name} satisfies its checks`)
  }
  addExtraRows(building, spares)
  const accounts =
    model.identity === null
      ? []
      : (rows.get(model.identity.entity) ?? [])
          .filter(isLive)
          .slice(0, MOST_ACCOUNTS)
          .map(({ id }) => String(id))
  return { rows, accounts, capped: building.capped, empty: building.empty, mentions }
}

/** A world to which rows can be added. */
export function buildingOf(
  design: WrittenDesign,
  model: Model,
  given: Pick<Building, 'passwordHash' | 'rows' | 'mentions' | 'mostChildren' | 'firstNumber'>,
): Building {
  return { design, model, ...given, capped: new Set(), empty: new Map(), incomplete: new Set(), ...judgesOf(design, model, given.rows) }
}

/** The expressions that decide what requests answer, with the entity of their rows. */
function expressionsOf(design: WrittenDesign): readonly About[] {
  return Object.entries(design.entities).flatMap(([entity, own]) => {
    const rules = ACCESS_RULES.map((rule) => ruleOf(own, rule))
    const fields = Object.values(own.fields).flatMap(({ read, write }) => [read, write])
    const checks = Object.values(own.checks ?? {}).map(({ rule }) => rule)
    return [...rules, ...fields, ...checks].flatMap((source) => (typeof source === 'string' ? [{ entity, source }] : []))
  })
}

/** What is parsed of a design is shared by all its worlds. */
const oracles = new WeakMap<Model, ReturnType<typeof oraclesOfDesign>>()

/** Judges conditions on the own fields of rows, and on their related rows as they are at that time. */
function judgesOf(design: WrittenDesign, model: Model, rows: Building['rows']): Pick<Building, 'keeps' | 'holds' | 'keepsRelated'> {
  const shared = oracles.get(model) ?? oraclesOfDesign(design, model)
  oracles.set(model, shared)
  const { withRules } = shared
  const alone = withRules(new Map())
  const question = { caller: { claims: new Map(), session: null }, input: {}, now: new Date() }
  const holds: Building['holds'] = ({ name }, source, row) => alone.decide({ ...question, source, entity: name, row }) === true
  const isRelated = ({ relationChecks }: Entity, check: string): boolean => relationChecks.some(({ name }) => name === check)
  const checksOf = ({ name }: Entity) => Object.entries(design.entities[name]?.checks ?? {})
  return {
    holds,
    keeps: (entity, row) => checksOf(entity).every(([check, { rule }]) => isRelated(entity, check) || holds(entity, rule, row)),
    keepsRelated(entity, row) {
      const all = withRules(rows)
      const keeps = (source: string): boolean => all.decide({ ...question, source, entity: entity.name, row }) === true
      return checksOf(entity).every(([check, { rule }]) => !isRelated(entity, check) || keeps(rule))
    },
  }
}

function addRows(building: Building, entity: Entity): void {
  const isAccount = building.model.identity?.entity === entity.name
  const axes = startingFrom(building, entity, axesOf(building, entity))
  const own = ownParents(building, entity)
  const most = isAccount ? MOST_ACCOUNTS - 2 : MOST_ROWS
  const combinations = fewestFirst(axes, most + 1)
  if (combinations.length > most) building.capped.add(entity.name)
  const made: Assigned[] = []
  const room = own.length === 0 ? most : most / 2
  for (const assigned of combinations) {
    if (made.length >= room) break
    if (addRow(building, entity, { ...assigned, ...Object.fromEntries(own.map((field) => [field.name, freshParent(building, field)])) }))
      made.push(assigned)
  }
  // Two ordinary accounts more, and parents with two children.
  if (isAccount) for (let i = 0; i < 2; i++) addRow(building, entity, made[0] ?? {})
  for (const field of own) {
    for (const [first, second] of [
      [0, 1],
      [0, 2],
      [1, 2],
      [1, 1],
    ] as const) {
      const [a, b] = [made[first], made[second]]
      if (a === undefined || b === undefined) continue
      const others = Object.fromEntries(own.filter((one) => one !== field).map((one) => [one.name, freshParent(building, one)]))
      const parent = { ...others, [field.name]: freshParent(building, field) }
      addRow(building, entity, { ...a, ...parent })
      addRow(building, entity, { ...b, ...parent })
    }
  }
}
