/** The cases of the family `actions`: who may call an action, and from which states a transition is possible. */

import { sampleValue } from '../../compile/values/sample.ts'
import type { Action } from '../../model/action.ts'
import type { Truth } from '../../model/expression.ts'
import type { LeftOut, PlannedFamily } from '../cases/family-plan.ts'
import { answerMismatch, type ProbeCase } from '../cases/probe.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { changeMismatch } from '../expected/compare.ts'
import { type ExpectedCall, expectCall } from '../expected/expectation-action.ts'
import { isLive } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { possibleValues } from '../rules/atom-facts.ts'
import { decidingAtoms } from '../rules/deciding.ts'
import { reactedTo } from '../rules/promised-events.ts'
import { type ParsedRule, parseRule } from '../rules/rule-tree.ts'
import { forbidsNobody, movedMismatch, movesOnlyItsRow } from './begun-transition.ts'
import { stateDoors } from './state-doors.ts'

/** The claims about actions and workflows, and the actions that cannot be asked. */
export function actionCases(asking: PlannedWorld): { readonly families: readonly PlannedFamily[]; readonly left: readonly LeftOut[] } {
  const { model } = asking.reference
  const found = model.actions.map((action) => ({ action, why: whyNotAsked(asking, action) }))
  const groups = Map.groupBy(
    found.filter(({ why }) => why !== null),
    ({ why }) => why ?? '',
  )
  return {
    families: [
      ...found.filter(({ why }) => why === null).map(({ action }) => actionFamily(asking, action)),
      ...model.workflows.map((workflow) => stateDoors(asking, workflow)),
    ],
    left: [...groups].map(([why, of]) => ({ what: `actions ${of.map(({ action }) => labelOf(action)).join(', ')}`, why })),
  }
}

/** The name of an action in reports: `Order.pay`. */
export function labelOf({ entity, name }: Action): string {
  return entity === null ? name : `${entity}.${name}`
}

/** The author's text of `allow`, from the design. Null for an action that nobody may call: it has no address. */
export function allowOf(design: WrittenDesign, { at }: Action): string | null {
  let part: unknown = design
  for (const key of at)
    part = typeof part === 'object' && part !== null ? (part as Readonly<Record<string | number, unknown>>)[key] : undefined
  const allow = (part as { readonly allow?: unknown } | undefined)?.allow
  return typeof allow === 'string' && allow.trim() !== 'false' ? allow : null
}

/** Why an action has no cases; null if it has. */
function whyNotAsked(asking: PlannedWorld, action: Action): string | null {
  const { model } = asking.reference
  const { address, inputs, entity } = action
  const allow = allowOf(asking.reference.design, action)
  const needed = inputs.filter(({ optional, default: preset }) => !optional && preset === null)
  if (allow === null) return 'nobody may call them, or only other steps do'
  if (model.served.rest === null && !address.own) return 'the design serves no REST'
  if (address.signed !== null) return 'their requests are signed'
  if (/\b(input|row)\./.test(allow)) return 'their `allow` reads the input'
  if (needed.some(({ type }) => type.kind === 'reference')) return 'they need rows as input, which this version of verify does not choose'
  if (needed.some(({ type, from }) => type.kind !== 'value' || sampleOf(type.type) === undefined || from.inside !== undefined))
    return 'an input has no sample value'
  if (needed.some(({ from }) => from.in !== 'body' && from.in !== 'query') || address.accepts === 'form')
    return 'their inputs are in paths, headers or forms'
  if (entity !== null && address.row?.by !== 'id') return 'their address does not name the row by its id'
  if (action.steps.some((step) => step.verb === 'signIn')) return 'they sign in'
  return null
}

function sampleOf(type: Parameters<typeof sampleValue>[0]): unknown {
  return type.kind === 'file' ? undefined : sampleValue(type, 1_400)
}

interface Called {
  readonly user: string | null
  readonly row: PlainRow | null
  readonly goals: readonly string[]
  readonly atoms: Readonly<Record<string, Truth>>
  readonly expected: ExpectedCall
}

function actionFamily(asking: PlannedWorld, action: Action): PlannedFamily {
  const { reference } = asking
  const id = `actions/${labelOf(action)}`
  const allow = allowOf(asking.reference.design, action) ?? 'false'
  const members = reference.model.entities.find(({ name }) => name === action.entity)
  const names = [...(members?.fields ?? []), ...(members?.derived ?? []), ...(members?.relations ?? [])].map(({ name }) => name)
  const parsed = parseRule(allow, (name) => (names.includes(name) ? undefined : reference.design.rules?.[name]))
  const possible = parsed.atoms.map(({ node }) =>
    possibleValues(node, {
      design: reference.design,
      model: reference.model,
      entity: action.entity ?? reference.model.identity?.entity ?? '',
    }),
  )
  const wanted = [
    ...parsed.atoms.flatMap(({ name }, i) => (possible[i] ?? []).map((value) => goalOf(name, value))),
    ...statesOf(asking, action).map((state) => `from-${state}`),
  ]
  const chosen = cover(callsOf(asking, { action, allow, parsed, possible }))
  const asked = [...new Set(chosen.flatMap(({ goals }) => goals))]
  return {
    plan: {
      id,
      claim: `${labelOf(action)} is called exactly by whom \`allow\` names${action.transition === null ? '' : ', and moves a row exactly from its states'}.`,
      path: action.at.map(String),
      oracle: 'cel-js on the text of the design, and a table of the states',
      text: 'each condition of `allow` as true, false and unknown where it decides, and each state; refusals are compared with all rows, and so are transitions without steps',
      what: 'conditions and states',
      asked: wanted.filter((goal) => asked.includes(goal)),
      impossible: [],
      untested: wanted.filter((goal) => !asked.includes(goal)),
    },
    cases: [],
    probes: chosen.map((one) =>
      probeOf({
        ...{ id, action, allow, one, checks: checksOf(reference), events: reactedTo(reference.design, action.entity ?? '') },
        isFollowed: movesOnlyItsRow(reference.model, action),
        isForbidden: forbidsNobody(reference.model, action),
      }),
    ),
  }
}

const goalOf = (name: string, value: Truth): string => `${name}/${value === null ? 'unknown' : value}`

/** The states of the workflow of a transition. */
function statesOf({ reference: { design } }: PlannedWorld, { transition, entity }: Action): readonly string[] {
  return transition === null || entity === null ? [] : (design.entities[entity]?.fields[transition.field]?.values ?? [])
}

interface Calling {
  readonly action: Action
  readonly allow: string
  readonly parsed: ParsedRule
  readonly possible: readonly (readonly Truth[])[]
}

/** Every caller with every row, with what the call shows. */
function callsOf({ reference, world }: PlannedWorld, { action, allow, parsed, possible }: Calling): readonly Called[] {
  const { entity } = action
  const rows = entity === null ? [null] : (reference.rows().get(entity) ?? []).filter(isLive)
  return [null, ...world.accounts].flatMap((user) => {
    const { full, caller } = reference.sightOf(user)
    return rows.flatMap((row): readonly Called[] => {
      const expected = expectCall(reference, { user, action, allow, row })
      // A row that cannot be read shows nothing about `allow`. Code may do what cannot be put back, so only its refusals are asked.
      if (expected.kind === 'refused' && expected.status === 404) return []
      if (expected.kind === 'begins' && action.run !== null) return []
      const values = parsed.atoms.map(({ text }) => full.decide({ source: text, entity, row, caller, input: {}, now: new Date() }))
      const deciding = decidingAtoms(parsed.tree, values, possible)
      const isOfState = action.transition !== null && row !== null && (expected.kind !== 'refused' || expected.status === 409)
      const goals = [
        ...deciding.map((atom) => goalOf(parsed.atoms[atom]?.name ?? '', values[atom] ?? null)),
        ...(isOfState ? [`from-${row[action.transition?.field ?? '']}`] : []),
      ]
      const atoms = Object.fromEntries(parsed.atoms.map(({ name }, i) => [name, values[i] ?? null]))
      return [{ user, row, goals: goals.length === 0 ? ['may-call'] : goals, atoms, expected }]
    })
  })
}

/** The first call that adds something, until all is shown. */
function cover(calls: readonly Called[]): readonly Called[] {
  const seen = new Set<string>()
  return calls.filter(({ goals }) => {
    const adds = goals.filter((goal) => !seen.has(goal))
    for (const goal of adds) seen.add(goal)
    return adds.length > 0
  })
}

/** The names of all checks. */
function checksOf({ design }: PlannedWorld['reference']): ReadonlySet<string> {
  return new Set(Object.values(design.entities).flatMap(({ checks = {} }) => Object.keys(checks)))
}

interface Probing {
  readonly checks: ReadonlySet<string>
  readonly id: string
  readonly action: Action
  readonly allow: string
  readonly one: Called
  /** The happenings of the entity to which the design reacts. */
  readonly events: readonly string[]
  /** Whether the row of a transition is known after its steps. */
  readonly isFollowed: boolean
  /** Whether only `allow` can answer that the caller may not. */
  readonly isForbidden: boolean
}

function probeOf({ id, action, allow, one, checks, events, isFollowed, isForbidden }: Probing): ProbeCase {
  const { user, row, goals, atoms, expected } = one
  const sent = requestOf(action, row)
  const { why } = expected
  const refusal = expected.kind === 'refused' ? { statuses: [expected.status], code: expected.code, why } : null
  return {
    name: `${id}/${goals.join('+').replaceAll('/', '-')}/rest`,
    claim: id,
    door: 'action',
    user,
    goals,
    atoms,
    async ask(tools) {
      const answer = await tools.send({ ...sent, token: tools.tokenOf(user) })
      const inputs = action.inputs.map(({ from }) => from.name)
      const names = { inputs, checks, isForbidden }
      const begun = refusal === null ? begunMismatch(answer, expected, names) : answerMismatch(answer, refusal)
      const isMoved = isFollowed && begun === null && expected.kind === 'begins' && answer.status < 300
      const wrong = isMoved && row !== null ? movedMismatch(action, { row, before: tools.before, after: await tools.rows() }) : begun
      return { wrong, statuses: refusal?.statuses ?? [200, 201, 204], why, sent, answer }
    },
    events: ({ answer: { status } }) => {
      if (status >= 300) return []
      // What steps emit is not known.
      if (row === null || action.entity === null || !events.includes(action.name)) return null
      return [{ entity: action.entity, happening: action.name, rowId: String(row.id) }]
    },
    rows: (now, after) => {
      if (expected.kind === 'begins') return null
      const present = row === null || action.entity === null ? row : (now.find(action.entity, String(row.id)) ?? null)
      const again = expectCall(now, { user, action, allow, row: present })
      return changeMismatch(now, again.kind === 'moved' ? again.change : { kind: 'none' }, after)
    },
  }
}

/** What an answer to a call may name. */
interface BegunNames {
  /** The names under which the inputs are sent. */
  readonly inputs: readonly string[]
  /** The names of all checks. */
  readonly checks: ReadonlySet<string>
  /** Whether nothing but `allow` refuses a caller; false unless given. */
  readonly isForbidden?: boolean
}

/**
 * What is wrong with the answer to a call that `allow` lets through. A step may refuse it, also by a check on the row that it writes, but
 * not for its caller, its state, or its inputs, which have the right form.
 */
export function begunMismatch(
  { status, json }: Answered,
  expected: ExpectedCall,
  { inputs, checks, isForbidden = false }: BegunNames,
): string | null {
  if (status >= 500) return `status ${status}`
  if (expected.kind === 'moved') return status >= 200 && status < 300 ? null : `status ${status}, expected 200`
  const errors: readonly { readonly pointer?: string; readonly rule?: string }[] = json?.errors ?? []
  const isInput =
    errors.length === 0 ||
    errors.some(({ pointer = '', rule = '' }) => !checks.has(rule) && inputs.includes(pointer.split('/').at(1) ?? ''))
  const isRefused =
    (isForbidden && json?.code === 'forbidden') ||
    json?.code === 'not_signed_in' ||
    json?.code === 'illegal_transition' ||
    (json?.code === 'validation_failed' && isInput)
  return isRefused ? `${status} ${json.code}, although \`allow\` holds` : null
}

function requestOf({ address, inputs }: Action, row: PlainRow | null): SentOverHttp {
  const needed = inputs.filter(({ optional, default: preset }) => !optional && preset === null)
  const values = needed.map(({ from, type }) => ({ from, value: type.kind === 'value' ? sampleOf(type.type) : undefined }))
  const body = values.filter(({ from }) => from.in === 'body').map(({ from, value }) => [from.name, value] as const)
  const query = values
    .filter(({ from }) => from.in === 'query')
    .map(({ from, value }) => `${from.name}=${encodeURIComponent(String(value))}`)
  const path = address.row === null ? address.path : address.path.replace(`{${address.row.parameter}}`, encodeURIComponent(String(row?.id)))
  const hasBody = body.length > 0 || address.needs.body
  return {
    method: address.method,
    url: query.length === 0 ? path : `${path}?${query.join('&')}`,
    ...(hasBody ? { body: Object.fromEntries(body) } : {}),
  }
}
