/**
 * Whether a changed rule differs from the rule in any state of the world. Both are written as text and judged by the oracle on every
 * caller, row and body, not only on those of the cases.
 */

import type { Predicate } from '../../../model/expression.ts'
import { entityNamed, type Model } from '../../../model/model.ts'
import { visitPredicate } from '../../../model/tree.ts'
import { FIELD_READ_DOORS, READ_DOORS, WRITE_DOORS } from '../../cases/doors.ts'
import { harmless, type PlannedWorld, type State, statesOf } from '../../cases/questions.ts'
import type { RuleClaim } from '../../cases/rule-claims.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { changedRow, createdRow, withId } from '../../expected/expectation-write.ts'
import type { Standpoint } from '../../expected/expected.ts'
import type { ReferenceBackend } from '../../expected/reference.ts'
import { ruleOf } from '../../expected/written-design.ts'
import { allowOf, labelOf } from '../../families/action-cases.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import type { PlainValue } from '../../oracle/oracle-values.ts'
import type { CaseWorld } from '../../worlds/world-of.ts'
import type { ChangedRule } from '../mutant.ts'
import { alikeAtDoors } from './alike-at-doors.ts'
import { alikeByDesign } from './alike-by-design.ts'
import { predicateTruth, Unwritten } from './predicate-truth.ts'

/** The outcome of the search for a state in which two rules differ. */
export type Equivalence =
  /** They agree in all states of a world that has every combination of truths, or in all that the design allows. */
  | { readonly kind: 'equivalent'; readonly states: number }
  /** They differ in a state that no case is about, or nothing is proved. */
  | { readonly kind: 'open'; readonly why: string }

/** What the proof reads. */
export interface Proving {
  readonly reference: ReferenceBackend
  readonly world: CaseWorld
  readonly claims: readonly RuleClaim[]
}

/**
 * Compares a rule with its mutant in the states of the world. Where these are a sample, the design alone may prove that both decide alike.
 *
 * @param doors the doors that have the defect; null for all.
 */
export function equivalence(proving: Proving, rule: ChangedRule, doors: readonly string[] | null): Equivalence {
  const { reference, world } = proving
  const { design, model } = reference
  const claim = proving.claims.find((one) => one.id === rule.claim)
  const action = model.actions.find((one) => `actions/${labelOf(one)}` === rule.claim)
  const refused = claim === undefined ? null : nothingRefused(proving, claim, { rule, doors })
  if (refused !== null) return { kind: 'equivalent', states: refused }
  const seen = claim === undefined ? null : statesAlike(proving, claim, { rule, doors })
  if (typeof seen === 'string') return open(seen)
  const isExhausted =
    rule.both === undefined &&
    claim?.complete === true &&
    !world.capped.has(claim.entity) &&
    !world.empty.has(claim.entity) &&
    !hasCan(model)
  if (seen !== null && seen > 0 && isExhausted) return { kind: 'equivalent', states: seen }
  const source = claim?.parsed.source ?? (action === undefined ? null : allowOf(design, action))
  const decided =
    claim !== undefined ? ({ kind: 'rule', ...claim } as const) : action !== undefined ? ({ kind: 'action', action } as const) : null
  const combinations = source === null || decided === null ? null : alikeByDesign(design, model, decided, { ...rule, source, doors })
  return combinations === null
    ? open('the world has a sample of the states, so agreement proves nothing, and the design alone does not prove it either')
    : { kind: 'equivalent', states: combinations }
}

/**
 * The number of combinations at doors where the rule refuses nothing; null if that is not proved. A state of the world says nothing there:
 * its row may be one that nobody reaches.
 */
function nothingRefused({ reference, world }: Proving, claim: RuleClaim, { rule, doors }: Comparing): number | null {
  const { design, model } = reference
  const { use, entity: name } = claim
  if (use.kind === 'field' && doors?.join() === 'sort') {
    const isServed = entityNamed(model, name).indexes.some(({ parts }) => parts[0]?.field === use.field)
    const kinds = [null, ...world.accounts].map((user) => reference.sightOf(user).kind).filter((kind) => kind.mayHold(name, 'read'))
    // An order without an index is refused to all for whom the name exists.
    return !isServed && kinds.every((kind) => kind.readable(name).has(use.field)) ? kinds.length : null
  }
  return alikeAtDoors(design, model, { kind: 'rule', ...claim }, { ...rule, source: claim.parsed.source, doors })
}

/** A changed rule, and the doors that have the defect; null for all. */
export interface Comparing {
  readonly rule: ChangedRule
  readonly doors: readonly string[] | null
}

/** The number of states of the world, in all of which both rules decide alike; else why nothing is proved. */
export function statesAlike(proving: Proving, claim: RuleClaim, { rule: { before, after }, doors }: Comparing): number | string {
  let states = 0
  try {
    for (const judged of judgedStates(proving, claim, doors)) {
      states++
      // The written form of the rule must mean what the author wrote; else nothing is proved.
      if (judged(before) !== judged(null)) return 'the rule cannot be written as text that means the same'
      if (judged(after) !== judged(null)) return 'it differs in a state of the world, and no case is about it'
    }
  } catch (error) {
    if (!(error instanceof Unwritten)) throw error
    return 'the changed rule cannot be written as text'
  }
  return states
}

const open = (why: string): Equivalence => ({ kind: 'open', why })

/** Whether the operation is allowed in one state, with a rule in place of the author's; null is the author's. */
type Judged = (rule: Predicate | null) => boolean

function judgedStates(asking: PlannedWorld, claim: RuleClaim, doors: readonly string[] | null): readonly Judged[] {
  const { reference } = asking
  const entity = entityNamed(reference.model, claim.entity)
  const to = ruleOf(reference.design.entities[claim.entity], 'update.to')
  const isBefore = claim.use.kind === 'operation' && claim.use.rule === 'update.from'
  return (isBefore ? updates(asking, claim) : statesOf(asking, claim)).flatMap((state): readonly Judged[] => {
    const sight = reference.sightOf(state.user)
    const at: Standpoint = { reference, user: state.user, sight, entity }
    if (doors !== null && !doors.some((door) => isAsked(at, claim, { state, door }))) return []
    const { rows, isWhole } = judgedRows(at, claim, state)
    const input = (state.body ?? {}) as PlainRow
    const now = new Date()
    const decide = (row: PlainRow) => (source: string) =>
      sight.full.decide({ source, entity: claim.entity, row, caller: sight.caller, input, now })
    const holds = (rule: Predicate | null, row: PlainRow): boolean =>
      (rule === null ? decide(row)(claim.parsed.source) : predicateTruth(rule, decide(row))) === true
    // The row after the write is judged as well, and may be refused there.
    const isRefused = !isWhole || (isBefore && !sight.holds(claim.entity, to, changedRow(at, state.row ?? {}, state.body ?? {}), input))
    return [(rule) => !isRefused && rows.every((row) => holds(rule, row))]
  })
}

/** Whether a door has a request for a state, and the state is seen there. */
function isAsked(at: Standpoint, { use }: RuleClaim, { state, door: name }: { readonly state: State; readonly door: string }): boolean {
  const all = state.write !== null ? WRITE_DOORS[state.write] : use.kind === 'field' ? FIELD_READ_DOORS : READ_DOORS
  const door = all.find((one) => one.name === name)
  const request = door?.request({ ...at, state, field: use.kind === 'field' ? use.field : null }) ?? null
  if (request === null) return false
  // The answer to a change shows a field only where the change is allowed.
  return name !== 'answer-to-patch' || expectationOf(at.reference, at.user, request).statuses.every((status) => status < 300)
}

/** Every change of one field by every caller, also where the row before it refuses. */
function updates({ reference, world }: PlannedWorld, { entity: name }: RuleClaim): readonly State[] {
  const entity = entityNamed(reference.model, name)
  const rows = reference.rows().get(name) ?? []
  return [null, ...world.accounts].flatMap((user) => {
    const sight = reference.sightOf(user)
    const writable = sight.kind.writable(name)
    const fields = entity.fields.filter((field) => writable.has(field.name) && !field.immutable && field.type.kind !== 'password')
    return rows
      .filter((row) => sight.sees(name, row))
      .flatMap((row) => {
        const at: Standpoint = { reference, user, sight, entity }
        const changes = fields.flatMap((field) => valuesOf(rows, field.name).map((value) => ({ [field.name]: value })))
        return [harmless(at, row), ...changes].map(
          (body): State => ({ user, row, body, write: 'update', values: [], deciding: [], unlike: [] }),
        )
      })
  })
}

/** The different values of a field. */
function valuesOf(rows: readonly PlainRow[], name: string): readonly PlainValue[] {
  return [...new Map(rows.map((row) => [JSON.stringify(row[name] ?? null), row[name] ?? null])).values()]
}

/** The rows that the rule is judged on, and whether the new row has all that it needs. */
function judgedRows(
  at: Standpoint,
  { use }: RuleClaim,
  { row, body, write }: State,
): { readonly rows: readonly PlainRow[]; readonly isWhole: boolean } {
  if (write === 'create') {
    const made = withId(at.entity, createdRow(at, body ?? {}))
    // A value that the server sets, such as the caller's id, may be missing.
    const isWhole = at.entity.fields.every(
      ({ name, system, optional, type, default: preset }) =>
        system !== null || optional || type.kind === 'password' || preset?.kind !== 'set' || (made[name] ?? null) !== null,
    )
    return { rows: [made], isWhole }
  }
  if (row === null) return { rows: [], isWhole: true }
  if (write !== 'update') return { rows: [row], isWhole: true }
  const after = changedRow(at, row, body ?? {})
  return { rows: use.kind === 'field' ? [row, after] : use.rule === 'update.to' ? [after] : [row], isWhole: true }
}

function hasCan({ entities }: Model): boolean {
  let found = false
  const visitor = {
    predicate: (p: Predicate) => {
      if (p.kind === 'can') found = true
    },
  }
  for (const { access, fields } of entities) {
    for (const rule of [access.read, access.create, access.update.from, access.update.to, access.delete]) visitPredicate(rule, visitor)
    for (const { read, write } of fields) for (const rule of [read, write]) visitPredicate(rule, visitor)
  }
  return found
}
