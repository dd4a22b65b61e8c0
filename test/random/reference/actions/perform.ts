/**
 * The reference of actions: what a call answers, and all rows afterwards. It judges in the order that the documentation gives, runs the
 * steps on rows in memory, and knows no locks. The server's own choices (ids, numbers) come from outside.
 */

import { isLive, type AllRows as Rows } from '../../../../src/verify/expected/reference.ts'
import { ActionWorld, type NamesAt } from '../../../../src/verify/fold/action-world.ts'
import { carryOut, settle } from '../../../../src/verify/fold/carry-out.ts'
import { inputNames, inputsOf, problemsOf } from '../../../../src/verify/fold/input.ts'
import { type ActionOutcome, CallRefused, type NewValues, refuseCall } from '../../../../src/verify/fold/outcome.ts'
import { type ActionDesignAt, actionLabelled, writtenLabel } from '../../../../src/verify/fold/written-actions.ts'
import { type Script, type ScriptedCode, subjectOf } from '../../design/code-scripts.ts'
import { type OwnAddress, placeAt } from '../../request/own-address.ts'
import type { Reference } from '../authored-reference.ts'
import { type Asked, judgePath, judgeQuery, pointersOf, rowAsked } from './at-address.ts'
import { runOps, SCRIPTED } from './hooked-rows.ts'
import { isPassword, WEAK_PASSWORD } from './passwords.ts'

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
export function mayEverRun(reference: Pick<Reference, 'sightOf'>, user: string | null, { design }: ActionDesignAt): boolean {
  return design.allow !== undefined && reference.sightOf(user).kind.mayRun(design.allow)
}

/** What the documentation expects of a call. */
export function expectAction(reference: Reference, calling: Calling): ActionOutcome {
  const { call, address, newValues, times } = calling
  const action = actionLabelled(reference, writtenLabel(call))
  const { caller } = reference.sightOf(calling.user)
  const seen = new Set<string>()
  const world = new ActionWorld(reference, caller, { isSystem: action.design.as === 'system', newValues, seen, hooks: SCRIPTED })
  const before = reference.rows()
  try {
    const names = judged(world, action, { ...calling, address: calling.api === 'rest' ? address : null })
    const { run } = action.design
    if (typeof run === 'function') return performCode(world, { script: (run as unknown as ScriptedCode).script, names, before, times })
    const presets = inputsOf(action).flatMap(({ name, preset }) => (preset === null ? [] : [name]))
    const sent = new Set([...Object.keys(call.input), ...presets])
    const answer = carryOut(world, { action, names, sent, times, answersNothing: address?.answersNothing === true })
    return { kind: 'done', rows: world.rows, seen, attempt: world.attempt, answer }
  } catch (error) {
    if (error instanceof CallRefused) return { kind: 'refused', refusals: error.refusals, seen, attempt: world.attempt }
    throw error
  }
}

interface CodeAction {
  readonly script: Script
  readonly names: NamesAt
  readonly before: Rows
  readonly times: Rows
}

/** An action of code. Code as caller gets its row with the values that the caller may read. */
function performCode(world: ActionWorld, { script, names, before, times }: CodeAction): ActionOutcome {
  const { seen } = world
  const name = names.get('row')
  const row = name?.kind === 'row' ? world.find(name.entity, name.id) : null
  const subject = name?.kind === 'row' && row !== null ? world.shown(name.entity, row) : null
  const answer = runOps(world, script, subjectOf(script, {}, subject))
  settle(world, { before, times })
  return { kind: 'done', rows: world.rows, answer, seen, attempt: null }
}

/** Everything before the first step; returns the names of the row and the input. @throws CallRefused */
function judged(world: ActionWorld, action: ActionDesignAt, calling: Omit<Calling, 'newValues' | 'times'>): NamesAt {
  const { reference } = world
  const { user, call, api, address } = calling
  const { allow = 'false' } = action.design
  // Without built-in addresses in REST, the usual one is not there.
  if (api === 'rest' && address === null && reference.design.serve?.rest === false) refuseCall(404, 'route_not_found')
  judgeQuery(address, call)
  // (1) 401, if nobody who is not signed in could pass `allow`. (2) The input by itself; all problems at once.
  if (user === null && !mayEverRun(reference, user, action)) refuseCall(401, 'not_signed_in')
  judgePath(world, action, calling)
  const problems = pointersOf(action, calling, problemsOf(reference.model, action, call.input))
  if (problems.length > 0) refuseCall(400, 'validation_failed', problems)
  enter(world, action, calling)
  const weak = Object.entries(call.input).flatMap(([name, value]) => (value === WEAK_PASSWORD ? [name] : []))
  if (weak.length > 0) world.seen.add('weak password')
  if (weak.length > 0) refuseCall(400, 'validation_failed', pointersOf(action, calling, weak))
  // (3) The row, then the references. (4) `allow`; 404 instead where the caller may not read the row.
  const { entity } = action
  const row = entity === null ? null : rowAsked(world, entity, calling)
  const start: NamesAt = new Map(entity === null ? [] : [['row', { kind: 'row', entity, id: row?.id ?? null }]])
  const bare = entity === null || row === null ? null : { entity, row }
  if (entity !== null && (row === null || !isLive(row))) missingInPath(world, address, 'row')
  const { names, lost } = inputNames(world, action, { call, names: start })
  const isAllowed = world.allows(allow, names, bare)
  const isReadable = entity === null || row === null || world.sight.sees(entity, row)
  if (!isReadable && !(world.isSystem && isAllowed)) missingInPath(world, address, 'hidden row')
  const [first] = lost
  if (first !== undefined && address !== null && placeAt(address, first).in === 'path') missingInPath(world, address, 'reference')
  if (first !== undefined) refuseCall(400, 'validation_failed', pointersOf(action, calling, [first]))
  if (!isAllowed) refuseCall(user === null ? 401 : 403, user === null ? 'not_signed_in' : 'forbidden')
  // (5) If-Match.
  if (row !== null && call.version !== null && row.version !== call.version) refuseCall(412, 'stale_version')
  return names
}

function missingInPath({ seen }: ActionWorld, address: OwnAddress | null, what: string): never {
  if (address !== null) seen.add(`path: no ${what}`)
  return refuseCall(404, 'not_found')
}

/** "The password is verified before the transaction begins." @throws CallRefused */
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
  if (id === null) refuseCall(401, 'invalid_credentials')
}
