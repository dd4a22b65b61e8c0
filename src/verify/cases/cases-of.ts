/** The cases of the family `access`: for each rule, states in which each atom decides as true, false and unknown, through every door. */

import { entityNamed, type Model } from '../../model/model.ts'
import { ALL, type BodyValues } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import { type ReferenceBackend, referenceOf } from '../expected/reference.ts'
import { answersAlike, type WrittenDesign } from '../expected/written-design.ts'
import { kleene } from '../rules/deciding.ts'
import { type CaseWorld, worldOf } from '../worlds/world-of.ts'
import type { Case } from './case.ts'
import { type AskedState, type Door, FIELD_READ_DOORS, hasApi, READ_DOORS, WRITE_DOORS } from './doors.ts'
import { neverShown } from './excluded-values.ts'
import type { FamilyPlan, LeftOut } from './family-plan.ts'
import type { MessageCase } from './message-case.ts'
import type { ProbeCase } from './probe.ts'
import { type State, statesOf } from './questions.ts'
import { atomValueName, atomValuesOf, type RuleClaim, ruleClaims } from './rule-claims.ts'
import { isHiddenCreate, isHooked, isUnforeseen, leftOut } from './unforeseen.ts'
import { type ValuePlan, valueCases } from './value-cases.ts'
import { type Granted, grant } from './wishes.ts'

/** The outcome of the search for states of one rule. */
export interface ClaimPlan {
  readonly claim: RuleClaim
  /** The atom values that the types allow, by outcome of the search. */
  readonly reached: readonly string[]
  readonly unreachable: readonly string[]
  readonly open: readonly string[]
  /** How many atom values the types exclude. */
  readonly impossible: number
  /** How many states were tried. */
  readonly tried: number
}

/** What a design asks for. */
export interface CasePlan {
  readonly world: CaseWorld
  readonly plans: readonly ClaimPlan[]
  /** The fields whose values are tried. */
  readonly values: readonly ValuePlan[]
  /** The claims of the other families. Those of `answers` follow from the documents that the backend serves. */
  readonly families: readonly FamilyPlan[]
  readonly cases: readonly Case[]
  readonly probes: readonly ProbeCase[]
  /** Questions about what is sent later. They need a backend with workers. */
  readonly messages: readonly MessageCase[]
  /** Parts of the design without cases, with the reason. */
  readonly left: readonly LeftOut[]
}

/** Plans the families `access` and `values`. Pure and deterministic. @param passwordHash as for `worldOf`. */
export function casesOf(design: WrittenDesign, model: Model, passwordHash: string): CasePlan {
  const { planning, found } = planRules(design, model, passwordHash)
  const { reference, world } = planning
  const values = valueCases(planning)
  return {
    world,
    plans: found.map(({ plan }) => plan),
    values: values.map(({ plan }) => plan),
    families: [],
    cases: [...found, ...values].flatMap(({ cases }) =>
      cases.filter((one) => one.hooked === true || !isUnforeseen(reference, one) || isHiddenCreate(reference, one)),
    ),
    probes: [],
    messages: [],
    left: leftOut(reference, world),
  }
}

interface Planning {
  readonly reference: ReferenceBackend
  readonly world: CaseWorld
  /** By the id of the claim: values of atoms that no rows and no caller give. */
  readonly unreachable: Granted['unreachable']
}

interface PlannedRules {
  readonly planning: Planning
  readonly found: readonly { readonly plan: ClaimPlan; readonly cases: readonly Case[] }[]
}

/** What the first search does not show is sought once more, with callers of its own. */
const ROUNDS = ['first', 'again'] as const

/** Plans all rules, in a world with rows for what the first rows do not show. */
function planRules(design: WrittenDesign, model: Model, passwordHash: string): PlannedRules {
  const claims = ruleClaims(design, model)
  const planningIn = (world: CaseWorld, unreachable: Granted['unreachable']): Planning => {
    return { reference: referenceOf(design, model, world.rows), world, unreachable }
  }
  const world = worldOf(design, model, passwordHash)
  const planning = planningIn(world, new Map())
  let planned: PlannedRules = { planning, found: claims.map((claim) => planClaim(planning, claim)) }
  for (const round of ROUNDS) {
    const wishes = planned.found.flatMap(({ plan: { claim, open } }) => (open.length === 0 ? [] : [{ claim, open }]))
    if (wishes.length === 0) break
    const { unreachable, ...granted } = grant({ design, model, passwordHash, world: planned.planning.world, isDecided, round }, wishes)
    const known = planned.found.map(
      ({ plan }) => [plan.claim.id, new Set([...plan.unreachable, ...(unreachable.get(plan.claim.id) ?? [])])] as const,
    )
    const more = planningIn(granted.world, new Map(known))
    // More rows change no comparison of what a row has.
    const isSettled = ({ claim, open }: ClaimPlan): boolean => (round === 'again' || claim.complete) && open.length === 0
    const found = planned.found.map((one) => (isSettled(one.plan) ? one : planClaim(more, one.plan.claim)))
    planned = { planning: more, found }
  }
  return planned
}

function planClaim(planning: Planning, claim: RuleClaim): { readonly plan: ClaimPlan; readonly cases: readonly Case[] } {
  const doors = doorsOf(claim)
  const all = statesOf(planning, claim)
  const states = all.filter((state) => isDecided(planning.reference, claim, state))
  const allowed = atomValuesOf(claim)
  const names = allowed.map((one) => atomValueName(claim, one))
  // Each kind of write has doors of its own, so each gets states of its own.
  const groups = Map.groupBy(states, ({ write }) => write)
  const choices = [...groups.values()].flatMap((group) => cover(group, claim))
  const chosen = choices.flatMap((choice) => doors(choice.state).flatMap((door) => caseOf(planning, claim, { ...choice, door })))
  const cases = [
    ...chosen,
    ...[...groups.values()].flatMap((group) => atOtherDoors(planning, claim, { group, doors, chosen })),
    ...choices.flatMap((choice) => besideAllowed(planning, claim, { choice, states })),
  ]
  const asked = new Set(cases.flatMap((one) => one.goals))
  // An atom value of which every state is refused for another reason is a gap of the world, and not unreachable.
  const met = new Set(all.flatMap((state) => goalsOf(claim, state)))
  const known = planning.unreachable.get(claim.id)
  const excluded = known ?? neverShown(planning.reference, claim)
  const unreachable = names.filter((name) => excluded.has(name) && !met.has(name))
  return {
    plan: {
      claim,
      reached: names.filter((name) => asked.has(name)),
      unreachable,
      open: names.filter((name) => !asked.has(name) && !unreachable.includes(name)),
      impossible: claim.possible.length * 3 - allowed.length,
      tried: states.length,
    },
    cases: uniqueNames(cases),
  }
}

/** Gives each case a name of its own. Two kinds of writes may begin with the same goal at doors of the same name. */
function uniqueNames(cases: readonly Case[]): readonly Case[] {
  const seen = new Map<string, number>()
  return cases.map((one) => {
    const nth = (seen.get(one.name) ?? 0) + 1
    seen.set(one.name, nth)
    return nth === 1 ? one : { ...one, name: `${one.name}-of-${one.request.kind}` }
  })
}

/** What a state shows: the values of the atoms that decide in it, and the other rules that would judge otherwise. */
function goalsOf(claim: RuleClaim, { deciding, values, unlike, missingAlike }: State): readonly string[] {
  return [
    ...deciding.map((atom) => atomValueName(claim, { atom, value: values[atom] ?? null })),
    ...unlike.map((rule) => `unlike-${rule}`),
    ...(missingAlike === true ? ['missing-alike'] : []),
  ]
}

function doorsOf({ use }: RuleClaim): (state: State) => readonly Door[] {
  if (use.kind === 'field') return ({ write }) => (use.of === 'read' ? FIELD_READ_DOORS : write === null ? [] : WRITE_DOORS[write])
  return ({ write }) => (write === null ? READ_DOORS : WRITE_DOORS[write])
}

/** Whether the rule alone decides the answer: where it allows, nothing else refuses. */
function isDecided(reference: ReferenceBackend, claim: RuleClaim, state: State): boolean {
  const verdict = kleene(claim.parsed.tree, state.values) === true
  if (state.write === null || !verdict) return true
  const [door] = WRITE_DOORS[state.write]
  const request = door?.request(askedOf(reference, claim, state)) ?? null
  return request !== null && expectationOf(reference, state.user, request).statuses.every((status) => status < 300)
}

function askedOf(reference: ReferenceBackend, claim: RuleClaim, state: State): AskedState {
  const { use } = claim
  const field = use.kind === 'field' ? use.field : null
  return {
    reference,
    user: state.user,
    sight: reference.sightOf(state.user),
    entity: entityNamed(reference.model, claim.entity),
    state,
    field,
  }
}

interface Gaps {
  /** The states of one kind of write. */
  readonly group: readonly State[]
  readonly doors: (state: State) => readonly Door[]
  readonly chosen: readonly Case[]
}

/** Cases for what the chosen states do not show at a door, because the door has no request for them. */
function atOtherDoors(planning: Planning, claim: RuleClaim, { group, doors, chosen }: Gaps): readonly Case[] {
  const [first] = group
  if (first === undefined) return []
  const offers = group.map((state) => ({ state, goals: goalsOf(claim, state) }))
  const goals = [...new Set(offers.flatMap((offer) => offer.goals))]
  return doors(first).flatMap((door) => {
    const shown = new Set(chosen.filter((one) => one.door === door.name && one.api === door.api).flatMap((one) => one.goals))
    return goals.flatMap((goal) => {
      if (shown.has(goal)) return []
      const having = offers.filter((offer) => offer.goals.includes(goal))
      for (const { state } of having) {
        const [found] = caseOf(planning, claim, { state, adds: [goal], door })
        if (found !== undefined) return [found]
      }
      return []
    })
  })
}

/** Lists of two new rows, one that the rule allows and one that it refuses: nothing is created, whichever comes first. */
const LISTS = [
  { door: 'create-many-second', api: 'rest', rows: (allowed: BodyValues, refused: BodyValues) => [allowed, refused] },
  { door: 'create-many-first', api: 'rest', rows: (allowed: BodyValues, refused: BodyValues) => [refused, allowed] },
  { door: 'graphql-many-second', api: 'graphql', rows: (allowed: BodyValues, refused: BodyValues) => [allowed, refused] },
] as const

interface Refusal {
  readonly choice: Choice
  /** All states, of which one has an allowed row of the same caller. */
  readonly states: readonly State[]
}

function besideAllowed({ reference }: Planning, claim: RuleClaim, { choice: { state, adds }, states }: Refusal): readonly Case[] {
  const isAllowed = ({ values }: State): boolean => kleene(claim.parsed.tree, values) === true
  const allowed = states.find((one) => one.write === 'create' && one.user === state.user && isAllowed(one))?.body ?? null
  const { body, user } = state
  const [first] = adds
  if (state.write !== 'create' || isAllowed(state) || body === null || allowed === null || first === undefined) return []
  const atoms = Object.fromEntries(claim.parsed.atoms.map(({ name }, i) => [name, state.values[i] ?? null]))
  return LISTS.flatMap(({ door, api, rows }): readonly Case[] => {
    const request = { kind: 'create', entity: claim.entity, rows: rows(allowed, body), many: true, selected: ALL } as const
    if (!hasApi(reference.model, api) || isUnforeseen(reference, { request, user, api })) return []
    return [{ name: `${claim.id}/${first}/${door}`, claim: claim.id, door, api, user, request, goals: adds, atoms }]
  })
}

interface Choice {
  readonly state: State
  /** The goals that the state adds. */
  readonly adds: readonly string[]
}

/** A small set of states that shows all that any state shows. In each step the state that adds most; of equal ones the first. */
function cover(states: readonly State[], claim: RuleClaim): readonly Choice[] {
  const offers = states.map((state) => ({ state, goals: goalsOf(claim, state) }))
  const missing = new Set(offers.flatMap(({ goals }) => goals))
  const chosen: Choice[] = []
  while (missing.size > 0) {
    let best: Choice | null = null
    for (const { state, goals } of offers) {
      const adds = goals.filter((goal) => missing.has(goal))
      if (adds.length > (best?.adds.length ?? 0)) best = { state, adds }
    }
    if (best === null) break
    chosen.push(best)
    for (const goal of best.adds) missing.delete(goal)
  }
  return chosen
}

function caseOf({ reference }: Planning, claim: RuleClaim, { state, adds, door }: Choice & { readonly door: Door }): readonly Case[] {
  if (!hasApi(reference.model, door.api)) return []
  const request = door.request(askedOf(reference, claim, state))
  const [first] = adds
  if (request === null || first === undefined) return []
  const asked = { request, user: state.user, api: door.api }
  const hooked = isHooked(reference, asked) && !answersAlike(reference.design.entities[claim.entity])
  if (!hooked && isUnforeseen(reference, asked) && !isHiddenCreate(reference, asked)) return []
  const atoms = Object.fromEntries(claim.parsed.atoms.map(({ name }, i) => [name, state.values[i] ?? null]))
  const name = `${claim.id}/${first}/${door.name}`
  return [
    {
      name,
      claim: claim.id,
      door: door.name,
      api: door.api,
      user: state.user,
      request,
      goals: adds,
      atoms,
      ...(hooked ? { hooked } : {}),
    },
  ]
}
