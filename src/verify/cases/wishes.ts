/**
 * Values of atoms that the rows of a world do not show: each is sought in rows of its own, which are made of what the rule reads. What is
 * found is added to the world. What no combination gives is unreachable.
 */

import { entityNamed, type Field, isToken, type Model } from '../../model/model.ts'
import { type ReferenceBackend, referenceOf } from '../expected/reference.ts'
import { ruleOf, uniquesOf, type WrittenDesign } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import { addChecks, addReads, noReads, type RuleReads } from '../rules/reads.ts'
import { addRow } from '../worlds/add-row.ts'
import type { Building } from '../worlds/building.ts'
import { addFreeRows } from '../worlds/extra-rows.ts'
import { type Chosen, combinations, wishAxes } from '../worlds/wish-axes.ts'
import { placeRows } from '../worlds/wish-rows.ts'
import { witnessValues } from '../worlds/witness-values.ts'
import { buildingOf, type CaseWorld } from '../worlds/world-of.ts'
import { type State, statesOf } from './questions.ts'
import { atomValueName, type RuleClaim } from './rule-claims.ts'

/** A rule, and the values of its atoms that no case shows yet. */
export interface Wish {
  readonly claim: RuleClaim
  readonly open: readonly string[]
}

/** The world with more rows, and what cannot be shown. */
export interface Granted {
  readonly world: CaseWorld
  /** By the id of the claim: values that no rows and no caller give. */
  readonly unreachable: ReadonlyMap<string, ReadonlySet<string>>
}

/** What wishes are granted from. */
export interface Wishing {
  readonly design: WrittenDesign
  readonly model: Model
  readonly passwordHash: string
  readonly world: CaseWorld
  /** In the search `again`, callers are new ones, and the rows that a new row refers to are looked at first. */
  readonly round: 'first' | 'again'
  /** Whether a rule alone decides the answer in a state. */
  readonly isDecided: (reference: ReferenceBackend, claim: RuleClaim, state: State) => boolean
}

/** The most combinations that are tried for a rule. */
const MOST_TRIED = 1_500
/** A page of related rows has 20. */
const MOST_CHILDREN = 18
/** Rows that are tried have other ids than those of the world. */
const FIRST_NUMBER = 500

/** Seeks the open values, and adds rows that show them. Deterministic. */
export function grant(wishing: Wishing, wishes: readonly Wish[]): Granted {
  const { design, model, world } = wishing
  const small = new Map([...world.rows].map(([name, rows]) => [name, rows.slice(0, 1)]))
  const scratch = referenceOf(design, model, small)
  const rows = new Map([...world.rows].map(([name, own]) => [name, [...own]]))
  const building = buildingOf(design, model, { ...wishing, mentions: world.mentions, rows, mostChildren: MOST_CHILDREN })
  const callers = wishing.round === 'again' ? 'new' : 'known'
  const accounts = [...world.accounts]
  const unreachable = new Map<string, ReadonlySet<string>>()
  for (const wish of wishes) {
    const { recipes, never } = seek(wishing, { scratch, small }, wish)
    unreachable.set(wish.claim.id, never)
    for (const { chosen, reads } of recipes) {
      const placed = placeRows(building, reads, chosen, { accounts, callers })
      if (typeof placed === 'string') continue
      addDonors(building, wish.claim, reads, placed.row)
      addTwins(building, wish.claim, placed.row)
    }
  }
  addFreeRows(building)
  return { world: { ...world, rows, accounts }, unreachable }
}

interface Scratch {
  readonly scratch: ReferenceBackend
  /** One row of each entity. */
  readonly small: ReadonlyMap<string, readonly PlainRow[]>
}

interface Sought {
  readonly recipes: readonly { readonly chosen: Chosen; readonly reads: RuleReads }[]
  readonly never: ReadonlySet<string>
}

/** Seeks the open values in what a rule reads, and then also in what decides whether the caller sees the rows that a new row refers to. */
function seek(wishing: Wishing, scratch: Scratch, wish: Wish): Sought {
  const { design, model } = wishing
  const own = readsOf(design, model, wish.claim)
  const seen = seenReads(design, model, wish.claim)
  const sought = seen === null ? [own] : wishing.round === 'again' ? [seen, own] : [own, seen]
  let open = wish.open
  const found = sought.map((reads) => {
    const one = open.length === 0 ? null : seekIn(wishing, scratch, { ...wish, open }, reads)
    open = open.filter((goal) => one?.shown.has(goal) !== true && one?.never.has(goal) !== true)
    return one
  })
  return { recipes: found.flatMap((one) => one?.recipes ?? []), never: new Set(found.flatMap((one) => [...(one?.never ?? [])])) }
}

/** Tries the combinations of what is read, until each open value is shown. */
function seekIn(
  wishing: Wishing,
  { scratch, small }: Scratch,
  { claim, open }: Wish,
  reads: RuleReads,
): Sought & { readonly shown: ReadonlySet<string> } {
  const { design, model, world } = wishing
  const missing = new Set(open)
  const met = new Set<string>()
  const recipes: Sought['recipes'][number][] = []
  let isWhole = reads.regular
  for (const chosen of combinations(wishAxes(model, reads), MOST_TRIED)) {
    if (chosen === null) isWhole = false
    if (chosen === null || missing.size === 0) break
    const rows = new Map([...small].map(([name, own]) => [name, [...own]]))
    const accounts = (rows.get(model.identity?.entity ?? '') ?? []).map(({ id }) => String(id))
    const building = buildingOf(design, model, {
      ...wishing,
      mentions: world.mentions,
      rows,
      mostChildren: MOST_CHILDREN,
      firstNumber: FIRST_NUMBER,
    })
    const placed = placeRows(building, reads, chosen, { accounts, callers: 'known' })
    if (placed === 'taken') isWhole = false
    if (typeof placed === 'string') continue
    addDonors(building, claim, reads, placed.row)
    addTwins(building, claim, placed.row)
    scratch.adopt(rows)
    const callers = placed.caller === null ? [] : [String(placed.caller.id)]
    const states = statesOf({ reference: scratch, world: { ...world, rows, accounts: callers } }, claim)
    const shown = new Set<string>()
    for (const state of states) {
      const goals = state.deciding.map((atom) => atomValueName(claim, { atom, value: state.values[atom] ?? null }))
      for (const goal of goals) met.add(goal)
      const isNew = goals.some((goal) => missing.has(goal) && !shown.has(goal))
      if (isNew && wishing.isDecided(scratch, claim, state)) for (const goal of goals) shown.add(goal)
    }
    if ([...shown].some((goal) => missing.delete(goal))) recipes.push({ chosen, reads })
    for (const goal of shown) missing.delete(goal)
  }
  const shown = new Set(open.filter((goal) => !missing.has(goal)))
  return { recipes, never: new Set(isWhole ? open.filter((goal) => !met.has(goal)) : []), shown }
}

/** What the rule of a create reads, with the rules that show the rows which the new row refers to; null for other rules. */
function seenReads(design: WrittenDesign, model: Model, claim: RuleClaim): RuleReads | null {
  if (claim.use.kind === 'field' || claim.use.rule !== 'create') return null
  const reads = readsOf(design, model, claim)
  const given = entityNamed(model, claim.entity).fields.filter(
    ({ name, type, default: preset }) => type.kind === 'ref' && preset === null && reads.row.refs.has(name),
  )
  for (const { name } of given) addReads(design, model, reads, `can("read", ${name})`)
  return given.length === 0 ? null : reads
}

/** What a rule reads, and the rules that are judged before it. */
function readsOf(design: WrittenDesign, model: Model, { entity, use, parsed }: RuleClaim): RuleReads {
  const reads = noReads(model, entity)
  const own = design.entities[entity]
  const before =
    use.kind === 'field'
      ? use.of === 'read'
        ? (['read'] as const)
        : (['read', 'update.from'] as const)
      : use.rule === 'update.to'
        ? (['read', 'update.from'] as const)
        : use.rule === 'update.from' || use.rule === 'delete'
          ? (['read'] as const)
          : []
  for (const source of [parsed.source, ...before.map((rule) => ruleOf(own, rule))])
    if (source !== null) addReads(design, model, reads, source)
  addChecks(design, model, reads)
  return reads
}

/** Rows from which a change takes the values that a rule on the row afterwards reads. */
function addDonors(building: Building, { entity: name, use }: RuleClaim, reads: RuleReads, row: PlainRow): void {
  if (use.kind === 'field' || use.rule !== 'update.to') return
  const entity = entityNamed(building.model, name)
  const read = entity.fields.filter((field) => reads.row.fields.has(field.name) && field.system === null && field.name !== 'id')
  const kept = Object.fromEntries(read.map((field) => [field.name, row[field.name] ?? null]))
  for (const field of read.filter(({ immutable, type }) => !immutable && type.kind !== 'computed')) {
    for (const value of valuesFor(building, reads, field, row)) {
      const isThere = (building.rows.get(name) ?? []).some((other) => (other[field.name] ?? null) === value)
      if (!isThere) addRow(building, entity, { ...kept, [field.name]: value })
    }
  }
}

/** Rows like those to which a row refers alone, so that a new row like it can refer to them. */
function addTwins(building: Building, { entity: name, use }: RuleClaim, row: PlainRow): void {
  const { model, design, rows } = building
  if (use.kind === 'field' ? use.of === 'read' : use.rule !== 'create') return
  const singles = new Set(uniquesOf(design.entities[name]).flatMap(({ names }) => names))
  for (const { name: field, type } of entityNamed(model, name).fields) {
    if (type.kind !== 'ref' || !singles.has(field)) continue
    const target = entityNamed(model, type.entity)
    const original = rows.get(type.entity)?.find(({ id }) => id === row[field])
    const keys = uniquesOf(design.entities[type.entity]).flatMap(({ names }) => (names.length === 1 ? names : []))
    const isGiven = (one: Field): boolean => one.default?.kind === 'sequence' || isToken(one)
    const copied = target.fields.filter(
      (one) => one.system === null && one.name !== 'id' && one.type.kind !== 'computed' && !keys.includes(one.name) && !isGiven(one),
    )
    if (original !== undefined) addRow(building, target, Object.fromEntries(copied.map((one) => [one.name, original[one.name] ?? null])))
  }
}

function valuesFor({ rows }: Building, reads: RuleReads, field: Field, row: PlainRow): readonly PlainValue[] {
  const { type, optional, name } = field
  const beside = reads.row.fields.get(name)
  if (beside === undefined) return []
  if (type.kind !== 'ref') return witnessValues(field, row[name] ?? null, beside)
  const last = (rows.get(type.entity) ?? []).slice(-2).map(({ id }) => id ?? null)
  return optional ? [...last, null] : last
}
