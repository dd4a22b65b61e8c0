/**
 * The reference of actions: what a call answers, and all rows afterwards. It judges in the order that the documentation gives, runs the
 * steps on rows in memory, and knows no locks. The server's own choices (ids, numbers) come from outside.
 */

import { isLive, type AllRows as Rows } from '../../../../src/verify/expected/reference.ts'
import type { PlainRow } from '../../../../src/verify/oracle/oracle-rows.ts'
import { type Script, type ScriptedCode, subjectOf } from '../../design/code-scripts.ts'
import { type OwnAddress, placeAt } from '../../request/own-address.ts'
import type { Reference } from '../authored-reference.ts'
import { type ActionNames, ActionWorld } from './action-world.ts'
import { answerOf, defaultAnswer } from './answer.ts'
import { type Asked, judgePath, judgeQuery, pointersOf, rowAsked } from './at-address.ts'
import { type ActionDesignAt, actionLabelled, labelOf } from './authored-actions.ts'
import { runOps } from './hooked-rows.ts'
import { inputNames, inputsOf, problemsOf } from './input.ts'
import { type NewValues, type Outcome, Refused, refuse } from './outcome.ts'
import { isPassword, WEAK_PASSWORD } from './passwords.ts'
import { moveState, runSteps } from './steps.ts'

/** A call with its caller; null is an anonymous one. */
export interface Calling extends Asked {
  readonly user: string | null
  readonly api: 'rest' | 'graphql'
  /** Whether a login has no attempts left. */
  readonly isLocked: (login: string) => boolean
  readonly newValues: NewValues
  /** The rows of the server afterwards, for the times that it set. */
  readonly times: Rows
}

/** Whether a kind of caller can ever run an action. */
export function mayEverRun(reference: Reference, user: string | null, { design }: ActionDesignAt): boolean {
  return design.allow !== undefined && reference.sightOf(user).kind.mayRun(design.allow)
}

/** What the documentation expects of a call. */
export function expectAction(reference: Reference, calling: Calling): Outcome {
  const { call, address, newValues, times } = calling
  const action = actionLabelled(reference, labelOf(call))
  const { caller } = reference.sightOf(calling.user)
  const seen = new Set<string>()
  const world = new ActionWorld(reference, caller, { isSystem: action.design.as === 'system', newValues, seen })
  const before = reference.rows()
  try {
    const names = judged(world, action, { ...calling, address: calling.api === 'rest' ? address : null })
    const { run } = action.design
    if (typeof run === 'function') return performCode(world, { script: (run as unknown as ScriptedCode).script, names, before, times })
    moveState(world, action, names)
    const presets = inputsOf(action).flatMap(({ name, preset }) => (preset === null ? [] : [name]))
    const after = runSteps({ world, action, sent: new Set([...Object.keys(call.input), ...presets]) }, names)
    judgeRelationChecks(world, before)
    world.become(withTimes(world.rows, { before, times }))
    const { answer } = action.design
    const usual = () => (address?.answersNothing === true ? undefined : defaultAnswer(world, action, after))
    const shown = answer === undefined ? usual() : answerOf(world, answer, after)
    return { kind: 'done', rows: world.rows, seen, attempt: world.attempt, answer: shown }
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', refusals: error.refusals, seen, attempt: world.attempt }
    throw error
  }
}

interface CodeAction {
  readonly script: Script
  readonly names: ActionNames
  readonly before: Rows
  readonly times: Rows
}

/** An action of code. Code as caller gets its row with the values that the caller may read. */
function performCode(world: ActionWorld, { script, names, before, times }: CodeAction): Outcome {
  const { seen } = world
  const name = names.get('row')
  const row = name?.kind === 'row' ? world.find(name.entity, name.id) : null
  const subject = name?.kind === 'row' && row !== null ? world.shown(name.entity, row) : null
  const answer = runOps(world, script, subjectOf(script, {}, subject))
  judgeRelationChecks(world, before)
  world.become(withTimes(world.rows, { before, times }))
  return { kind: 'done', rows: world.rows, answer, seen, attempt: null }
}

/** The rows with the times that the server set in new and changed rows. */
function withTimes(rows: Rows, { before, times }: { readonly before: Rows; readonly times: Rows }): Rows {
  return new Map(
    [...rows].map(([entity, all]) => {
      const old = new Set(before.get(entity) ?? [])
      const servers = new Map((times.get(entity) ?? []).map((row) => [row.id, row] as const))
      const timed = (row: PlainRow): PlainRow => {
        const { createdAt = null, updatedAt = null, deletedAt = null } = servers.get(row.id ?? null) ?? row
        return { ...row, createdAt, updatedAt, ...((row.deletedAt ?? null) === null ? {} : { deletedAt }) }
      }
      return [entity, all.map((row) => (old.has(row) ? row : timed(row)))]
    }),
  )
}

/** Everything before the first step; returns the names of the row and the input. @throws Refused */
function judged(world: ActionWorld, action: ActionDesignAt, calling: Omit<Calling, 'newValues' | 'times'>): ActionNames {
  const { reference } = world
  const { user, call, api, address } = calling
  const { allow = 'false' } = action.design
  // Without built-in addresses in REST, the usual one is not there.
  if (api === 'rest' && address === null && reference.design.serve?.rest === false) refuse(404, 'route_not_found')
  judgeQuery(address, call)
  // (1) 401, if nobody who is not signed in could pass `allow`. (2) The input by itself; all problems at once.
  if (user === null && !mayEverRun(reference, user, action)) refuse(401, 'not_signed_in')
  judgePath(world, action, calling)
  const problems = pointersOf(action, calling, problemsOf(reference.model, action, call.input))
  if (problems.length > 0) refuse(400, 'validation_failed', problems)
  enter(world, action, calling)
  const weak = Object.entries(call.input).flatMap(([name, value]) => (value === WEAK_PASSWORD ? [name] : []))
  if (weak.length > 0) world.seen.add('weak password')
  if (weak.length > 0) refuse(400, 'validation_failed', pointersOf(action, calling, weak))
  // (3) The row, then the references. (4) `allow`; 404 instead where the caller may not read the row.
  const { entity } = action
  const row = entity === null ? null : rowAsked(world, entity, calling)
  const start: ActionNames = new Map(entity === null ? [] : [['row', { kind: 'row', entity, id: row?.id ?? null }]])
  const bare = entity === null || row === null ? null : { entity, row }
  if (entity !== null && (row === null || !isLive(row))) missingInPath(world, address, 'row')
  const { names, lost } = inputNames(world, action, { call, names: start })
  const isAllowed = world.allows(allow, names, bare)
  const isReadable = entity === null || row === null || world.sight.sees(entity, row)
  if (!isReadable && !(world.isSystem && isAllowed)) missingInPath(world, address, 'hidden row')
  const [first] = lost
  if (first !== undefined && address !== null && placeAt(address, first).in === 'path') missingInPath(world, address, 'reference')
  if (first !== undefined) refuse(400, 'validation_failed', pointersOf(action, calling, [first]))
  if (!isAllowed) refuse(user === null ? 401 : 403, user === null ? 'not_signed_in' : 'forbidden')
  // (5) If-Match.
  if (row !== null && call.version !== null && row.version !== call.version) refuse(412, 'stale_version')
  return names
}

function missingInPath({ seen }: ActionWorld, address: OwnAddress | null, what: string): never {
  if (address !== null) seen.add(`path: no ${what}`)
  return refuse(404, 'not_found')
}

/** "The password is verified before the transaction begins." @throws Refused */
function enter(world: ActionWorld, { design }: ActionDesignAt, { call, isLocked }: Pick<Calling, 'call' | 'isLocked'>): void {
  const [first] = design.steps ?? []
  if (first === undefined || !('signIn' in first) || typeof first.signIn === 'string') return
  const sent = (source: unknown) => String(call.input[String(source).slice('input.'.length)])
  const [login, password] = [sent(first.signIn.email), sent(first.signIn.password)]
  const account = (world.reference.rows().get('User') ?? []).find(({ email }) => email === login)
  const isOpen = account !== undefined && isLive(account)
  const isRight = isOpen && isPassword(password, account.password)
  const id = isRight && !isLocked(login) ? (account.id ?? null) : null
  world.attempt = { login, account: id }
  world.seen.add(
    id !== null
      ? 'right password'
      : isRight
        ? 'locked login'
        : isOpen
          ? 'wrong password'
          : account === undefined
            ? 'no such account'
            : 'closed account',
  )
  if (id === null) refuse(401, 'invalid_credentials')
}

/**
 * "A check that looks at the to-many relations of its row is judged after the last step, of every row that the steps have made or changed,
 * and of every row whose relations they have changed." @throws Refused
 */
function judgeRelationChecks(world: ActionWorld, before: Rows): void {
  const { design, model } = world.reference
  for (const entity of model.entities) {
    for (const { name } of entity.relationChecks) {
      const rule = design.entities[entity.name]?.checks?.[name]?.rule ?? ''
      // The checks count rows, so a change by code of other fields is not judged. A change by a step is.
      const changed = (name: string) =>
        changedRows(before, world.rows, name).filter(({ id }) => world.changedByCode.get(id ?? null) !== true)
      const found = (world.rows.get(entity.name) ?? []).filter(({ id }) => world.found.has(id ?? null))
      const touched = new Set([...changed(entity.name), ...found].map(({ id }) => id))
      for (const { name: relation, entity: child, via } of entity.relations)
        if (rule.includes(relation)) for (const row of changed(child)) touched.add(row[via] ?? null)
      const broken = world.live(entity.name).some((row) => touched.has(row.id) && !world.sight.holds(entity.name, rule, row))
      if (broken) refuse(409, 'check_failed')
    }
  }
}

/** The rows that are new, gone or different, before and after. */
function changedRows(before: Rows, after: Rows, entity: string): readonly PlainRow[] {
  const [was, is] = [new Set(before.get(entity) ?? []), new Set(after.get(entity) ?? [])]
  return [...[...was].filter((row) => !is.has(row)), ...[...is].filter((row) => !was.has(row))]
}
