/** Runs mutations: the same writes as in REST, one after the other, or all in one transaction. */

import type { VariableValues } from 'graphql'
import { invalid } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { recall } from '../../base/memo.ts'
import type { Isolation, Runner } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { MaybePromise } from '../../base/waiting/when-ready.ts'
import type { WrittenRow } from '../../compile/statements/row-columns.ts'
import { keepsRows } from '../actions/perform-action.ts'
import { ALONE } from '../plan/plan-write.ts'
import { idJson } from '../rest/respond-write.ts'
import { tooManyBytes } from '../run/answer-size.ts'
import { type DeferredChecks, openDeferredChecks } from '../run/deferred-checks.ts'
import type { Performed } from '../write/idempotent.ts'
import { prepareWrite } from '../write/prepare-write.ts'
import type { Written } from '../write/run-write.ts'
import { type ActionCall, actionCall } from './action-call.ts'
import { placed } from './argument-pointers.ts'
import type { CompiledOperation } from './documents/document.ts'
import { type MutationField, type MutationTemplate, mutationTemplate } from './documents/mutation-template.ts'
import { GraphqlRefusal, type OperationOutcome, type Problem, problemOf } from './documents/problem.ts'
import { type Write, writeOf } from './mutation-write.ts'
import { operationCall } from './operation-call.ts'
import type { RunningOperation } from './query.ts'

/** An outcome and its follow-ups, which run after the commit. */
export interface Ran extends Pick<Performed, 'secrets'> {
  readonly outcome: OperationOutcome
  readonly after: () => Promise<void>
}

/** Runs the prepared mutations on a runner. @throws GraphqlRefusal when the whole document is refused, and no other error. */
export type RunMutation = (runner: Runner) => Promise<Ran>

/** A mutation operation that is ready to run. */
export interface PreparedMutation {
  readonly run: RunMutation
  /** Whether all writes happen or none: true for one mutation, and for several with `@atomic`. */
  readonly whole: boolean
}

/** Runs a root field; gives the JSON of its payload, the secrets in it and its follow-ups. */
type Step = (runner: Runner) => Promise<Pick<Performed, 'after' | 'secrets'> & { readonly json: string }>

/** The steps by key of the field: null for `__typename`, the error when planning failed. */
type Steps = ReadonlyMap<string, Step | null | { readonly refused: unknown }>

/**
 * Plans the writes and hashes passwords, before any transaction. When the mutation runs, a refused field is null with an error, and later
 * fields still run. With `@atomic`, the first refusal undoes everything, and `data` is null.
 *
 * @throws GraphqlRefusal when the whole document is refused.
 */
export async function prepareMutation(
  given: RunningOperation,
  operation: CompiledOperation,
  variables: VariableValues,
): Promise<PreparedMutation> {
  const isAtomic = operation.node.directives?.some((d) => d.name.value === 'atomic') === true
  const deferred = isAtomic ? openDeferredChecks(given.stack.model) : null
  const running = deferred === null ? given : { ...given, stack: { ...given.stack, deferred } }
  const template = templateOf(running, operation, variables)
  const isolation = isolationOf(running, operation, variables)
  const works = new Map<string, Write | ActionCall>()
  for (const field of template.fields) {
    if (field.kind === 'type') continue
    works.set(field.key, workOf(running, { field, template }, variables))
  }
  const steps = new Map<string, Step | null | { readonly refused: unknown }>()
  for (const { key } of template.fields) {
    const work = works.get(key)
    const refused = isAtomic && works.size > 1 && work !== undefined && isCreatedAlone(work)
    steps.set(key, refused ? { refused: invalid([{ pointer: '', rule: 'alone', message: ALONE }]) } : await stepOf(running, work))
  }
  return {
    run:
      deferred !== null ? (runner) => together({ steps, isolation }, deferred, runner) : (runner) => oneByOne({ steps, isolation }, runner),
    whole: isAtomic || works.size < 2,
  }
}

interface Working {
  readonly field: Exclude<MutationTemplate['fields'][number], { readonly kind: 'type' }>
  readonly template: MutationTemplate
}

function workOf(running: RunningOperation, { field, template }: Working, variables: VariableValues): Write | ActionCall {
  switch (field.kind) {
    case 'action':
      return actionCall(running, field, variables)
    case 'operation':
      return operationCall(running, field, variables)
    default:
      return writeOf(running, { field, template }, variables)
  }
}

/** The isolation of the transactions of an operation: serializable if one of its actions is. */
export function isolationOf(running: RunningOperation, operation: CompiledOperation, variables: VariableValues): Isolation {
  const actions = templateOf(running, operation, variables).fields.flatMap((field) =>
    field.kind === 'action' ? [field.called.action] : [],
  )
  return actions.some(({ isolation }) => isolation === 'serializable') ? 'serializable' : 'read committed'
}

/** Whether an operation has fields whose answers are kept for repetitions. */
export function callsKeptActions(running: RunningOperation, operation: CompiledOperation, variables: VariableValues): boolean {
  return templateOf(running, operation, variables).fields.some(
    (field) => field.kind === 'operation' || (field.kind === 'action' && !keepsRows(field.called.action)),
  )
}

/** The steps of an operation, and the isolation of their transactions. */
interface Planned {
  readonly steps: Steps
  readonly isolation: Isolation
}

/** Whether a write creates an account whose answer does not tell if the login is taken. */
function isCreatedAlone(work: Write | ActionCall): boolean {
  return 'field' in work && work.field.kind === 'create' && work.field.row.entity.hidesTakenLogin
}

async function stepOf(
  running: RunningOperation,
  work: Write | ActionCall | undefined,
): Promise<Step | null | { readonly refused: unknown }> {
  if (work === undefined) return null
  try {
    const step = await placed(work, 'field' in work ? prepareStep(running, work) : prepareCall(work))
    return (runner) => placed(work, step(runner))
  } catch (error) {
    if (error instanceof GraphqlRefusal) throw error
    return { refused: error }
  }
}

function templateOf({ api }: RunningOperation, operation: CompiledOperation, variables: VariableValues): MutationTemplate {
  const key = operation.switches.map((name) => (variables.coerced[name] === true ? 't' : 'f')).join('')
  return recall(operation.mutations, key, () =>
    mutationTemplate({ api, fragments: operation.of.fragments, variables }, operation.node.selectionSet),
  )
}

const TYPE_NAME = { json: '"Mutation"', after: async () => {} }

async function runStep(steps: Steps, key: string, runner: Runner): Promise<Awaited<ReturnType<Step>>> {
  const step = steps.get(key) ?? null
  if (step === null) return TYPE_NAME
  if (typeof step !== 'function') throw step.refused
  return step(runner)
}

/** The bytes that the answer to a document may still have. */
interface Room {
  /** Runs a step; in a transaction if its answer could be too large. @throws Failure `answer_too_large`; then it has not taken place. */
  spend(runner: Runner, step: Step): ReturnType<Step>
}

/** The size of a payload of a few fields, for which no transaction is needed. */
const NEGLIGIBLE_BYTES = 65_536

function openRoom(isolation: Isolation): Room {
  let used = 0
  const checked = async (step: Step, runner: Runner): ReturnType<Step> => {
    const done = await step(runner)
    if (used + Buffer.byteLength(done.json) > LIMITS.answerBytes) throw tooManyBytes()
    return done
  }
  return {
    async spend(runner, step) {
      const done = await (used < NEGLIGIBLE_BYTES ? step(runner) : runner.transaction((within) => checked(step, within), { isolation }))
      used += Buffer.byteLength(done.json)
      return done
    },
  }
}

async function oneByOne({ steps, isolation }: Planned, runner: Runner): Promise<Ran> {
  const members: string[] = []
  const following: (() => MaybePromise<void>)[] = []
  const shown: string[] = []
  const problems: Problem[] = []
  const defects: unknown[] = []
  const room = openRoom(isolation)
  for (const key of steps.keys()) {
    try {
      const { json, after, secrets = [] } = await room.spend(runner, (on) => runStep(steps, key, on))
      following.push(after)
      shown.push(...secrets)
      members.push(`${JSON.stringify(key)}:${json}`)
    } catch (error) {
      if (error instanceof GraphqlRefusal) throw error
      members.push(`${JSON.stringify(key)}:null`)
      problems.push(problemOf(error, [key]))
      defects.push(error)
    }
  }
  return { outcome: { data: `{${members.join(',')}}`, problems, defects }, secrets: shown, after: () => inTurn(following) }
}

async function together({ steps, isolation }: Planned, deferred: DeferredChecks, runner: Runner): Promise<Ran> {
  let at = ''
  try {
    // Errors of planning are thrown before the first write.
    for (const [key, step] of steps) {
      at = key
      if (step !== null && typeof step !== 'function') throw step.refused
    }
    const done = await runner.transaction(
      async (within) => {
        const all: (readonly [string, Awaited<ReturnType<Step>>])[] = []
        const room = openRoom(isolation)
        for (const key of steps.keys()) {
          at = key
          all.push([key, await room.spend(within, (on) => runStep(steps, key, on))])
        }
        await deferred.judge(within)
        return all
      },
      { isolation },
    )
    const data = `{${done.map(([key, { json }]) => `${JSON.stringify(key)}:${json}`).join(',')}}`
    const secrets = done.flatMap(([, one]) => one.secrets ?? [])
    return { outcome: { data, problems: [], defects: [] }, secrets, after: () => inTurn(done.map(([, { after }]) => after)) }
  } catch (error) {
    if (error instanceof GraphqlRefusal) throw error
    return { outcome: { data: 'null', problems: [problemOf(error, [at])], defects: [error] }, after: async () => {} }
  }
}

async function inTurn(works: readonly (() => MaybePromise<void>)[]): Promise<void> {
  for (const work of works) await work()
}

/** Prepares a write. @throws Failure when the request is refused. */
async function prepareStep({ stack, caller }: RunningOperation, { field, asked }: Write): Promise<Step> {
  switch (asked.kind) {
    case 'refused':
      throw asked.failure
    case 'write': {
      const write = await prepareWrite(stack, caller, asked.intent)
      return async (runner) => {
        const written = await write(runner)
        return { json: payloadOf(field, written), after: written.after }
      }
    }
    default:
      return unreachable(asked)
  }
}

/** Prepares a call of an action. @throws Failure when the request is refused. */
async function prepareCall({ prepare, jsonOf }: ActionCall): Promise<Step> {
  const perform = await prepare()
  return async (runner) => {
    const { answer, ...rest } = await perform(runner)
    return { json: jsonOf(answer.body), ...rest }
  }
}

/** The JSON of a payload, or of a list of them. */
function payloadOf(field: MutationField, { intent, planned, rows }: Written): string {
  const payloads = rows.map((row) => row.body ?? idPayload(field, row, { created: intent.kind === 'create' }))
  return planned.many ? `[${payloads.join(',')}]` : (payloads[0] ?? 'null')
}

/** The payload with only the id, for a row that the caller may not read or of which the document selects nothing else. */
function idPayload({ row: { entity }, members }: MutationField, { id }: WrittenRow, { created }: { readonly created: boolean }): string {
  if (id === null && !entity.hidesTakenLogin) throw new Error('the statement returned no id')
  const shown = id === null ? 'null' : idJson(entity.entity, id)
  const values = { id: shown, created: String(created), accepted: 'true', row: 'null' } as const
  return `{${members.map((m) => `${JSON.stringify(m.key)}:${m.kind === 'type' ? JSON.stringify(m.name) : values[m.kind]}`).join(',')}}`
}
