/** Mutations: the writes of REST, one after the other, or all in one transaction. */

import { getArgumentValues, type VariableValues } from 'graphql'
import type { Runner } from '../../base/statement.ts'
import type { Extra, Output, OutputField } from '../../compile/plan.ts'
import { ALWAYS } from '../../model/expression.ts'
import { type Entity, fieldNamed } from '../../model/model.ts'
import { execute } from '../execute.ts'
import { afterWrite } from '../handle.ts'
import type { Intent, Selection } from '../intent.ts'
import { planIntent } from '../plan.ts'
import type { Planned } from '../planning.ts'
import { respond } from '../respond.ts'
import { sealPasswords } from '../seal.ts'
import type { CompiledOperation } from './document.ts'
import { type MutationField, type MutationTemplate, mutationTemplate } from './mutation-template.ts'
import { type Problem, problemOf, Refused } from './problem.ts'
import { bindPages, costOf, type Running, requireCost } from './query.ts'
import type { BoundPage } from './template.ts'

/** What an operation has come to: the JSON of `data`, and what went wrong on the way. */
export interface Outcome {
  readonly data: string
  readonly problems: readonly Problem[]
  /** Errors that are not the client's doing. */
  readonly defects: readonly unknown[]
}

interface Write {
  readonly field: MutationField
  readonly intent: Intent
  readonly bound: readonly BoundPage[]
}

/**
 * Runs a mutation. Each field stands for itself: one that is refused is null and has an error, those after it run all the same. With `@atomic`, the first
 * that is refused undoes all, and `data` is null.
 *
 * @throws Refused for what is refused before any SQL.
 */
export async function runMutation(running: Running, operation: CompiledOperation, variables: VariableValues): Promise<Outcome> {
  const template = templateOf(running, operation, variables)
  const writes = new Map<string, Write>()
  let cost = 0
  for (const field of template.fields) {
    if (field.kind === 'type') continue
    const bound = bindPages(running, field.pages, variables)
    cost += costOf(
      field.pages,
      bound,
      field.members.reduce((sum, m) => sum + (m.kind === 'row' ? m.shape.values : 1), 0),
    )
    writes.set(field.key, { field, bound, intent: intentOf({ field, bound, template }, variables) })
  }
  requireCost(cost, running.telling)
  const isAtomic = operation.node.directives?.some((d) => d.name.value === 'atomic') === true
  return isAtomic ? together(running, template, writes) : oneByOne(running, template, writes)
}

function templateOf({ api }: Running, operation: CompiledOperation, variables: VariableValues): MutationTemplate {
  const key = operation.switches.map((name) => (variables.coerced[name] === true ? 't' : 'f')).join('')
  let template = operation.mutations.get(key)
  if (template === undefined) {
    template = mutationTemplate({ api, fragments: operation.of.fragments, variables }, operation.node.selectionSet)
    operation.mutations.set(key, template)
  }
  return template
}

async function oneByOne(running: Running, template: MutationTemplate, writes: ReadonlyMap<string, Write>): Promise<Outcome> {
  const members: string[] = []
  const problems: Problem[] = []
  const defects: unknown[] = []
  for (const { key } of template.fields) {
    const write = writes.get(key)
    try {
      members.push(`${JSON.stringify(key)}:${write === undefined ? '"Mutation"' : await alone(running, write)}`)
    } catch (error) {
      if (error instanceof Refused) throw error
      members.push(`${JSON.stringify(key)}:null`)
      problems.push(problemOf(error, [key]))
      defects.push(error)
    }
  }
  return { data: `{${members.join(',')}}`, problems, defects }
}

async function alone(running: Running, write: Write): Promise<string> {
  const { stack, caller } = running
  const planned = await planWrite(running, write)
  const rows = await execute(stack, planned)
  const json = payloadOf(running, write, { planned, rows })
  await afterWrite(stack, caller, write.intent, planned)
  return json
}

async function together(running: Running, template: MutationTemplate, writes: ReadonlyMap<string, Write>): Promise<Outcome> {
  const { stack, caller } = running
  let at = ''
  try {
    // Hashing passwords takes time; no transaction waits for it.
    const planned = new Map<string, Planned>()
    for (const [key, write] of writes) {
      at = key
      planned.set(key, await planWrite(running, write))
    }
    const members = await stack.executor.transaction(async (runner) => {
      const done: string[] = []
      for (const { key } of template.fields) {
        at = key
        const write = writes.get(key)
        const plan = planned.get(key)
        done.push(
          `${JSON.stringify(key)}:${write === undefined || plan === undefined ? '"Mutation"' : await within(running, write, { planned: plan, runner })}`,
        )
      }
      return done
    })
    for (const [key, write] of writes) {
      const plan = planned.get(key)
      if (plan !== undefined) await afterWrite(stack, caller, write.intent, plan)
    }
    return { data: `{${members.join(',')}}`, problems: [], defects: [] }
  } catch (error) {
    if (error instanceof Refused) throw error
    return { data: 'null', problems: [problemOf(error, [at])], defects: [error] }
  }
}

async function within(
  running: Running,
  write: Write,
  { planned, runner }: { readonly planned: Planned; readonly runner: Runner },
): Promise<string> {
  return payloadOf(running, write, { planned, rows: await execute(running.stack, planned, runner) })
}

async function planWrite({ stack, caller }: Running, { intent, bound }: Write): Promise<Planned> {
  const planned = await sealPasswords(stack, planIntent(stack.context, caller, intent))
  const values = Object.assign({}, ...bound.map(({ rows }) => rows.values))
  return { ...planned, calls: planned.calls.map((call) => ({ ...call, ...values })) }
}

function intentOf(
  { field, bound, template }: { readonly field: MutationField; readonly bound: readonly BoundPage[]; readonly template: MutationTemplate },
  variables: VariableValues,
): Intent {
  const args = getArgumentValues(field.field, field.node, variables)
  const { entity } = field.row.entity
  const versions = typeof args.ifVersion === 'number' ? [args.ifVersion] : null
  const id = String(args.id)
  if (field.kind === 'delete') return { kind: 'delete', entity, id, versions }
  // Values of input objects come without a prototype, which nobody but graphql-js expects.
  const body: unknown = JSON.parse(JSON.stringify(args.input))
  const output = payloadOutput(field, bound)
  const key = `${template.id} ${field.key} ${bound.map(({ size, rows }) => `${size}${rows.key}`).join(' ')}`
  const selection: Selection = { fields: null, include: new Map(), ...(output === null ? {} : { shaped: { key, output } }) }
  const returning = output === null ? 'nothing' : 'row'
  return field.kind === 'create'
    ? { kind: 'create', entity, body, selection, returning }
    : { kind: 'update', entity, id, mode: 'patch', body, versions, selection, returning }
}

/** The whole payload as the statement answers it; null when the document asks for nothing of the row. */
function payloadOutput({ members, row }: MutationField, bound: readonly BoundPage[]): Output | null {
  if (!members.some((m) => m.kind === 'row')) return null
  const { entity } = row.entity
  const fields: OutputField[] = []
  const extras: Extra[] = []
  for (const member of members) {
    if (member.kind === 'id') fields.push({ field: fieldNamed(entity, 'id'), visible: ALWAYS, as: member.key })
    else if (member.kind === 'type') extras.push({ kind: 'constant', key: member.key, value: member.name })
    else extras.push({ kind: 'row', key: member.key, output: member.shape.output(bound) })
  }
  return { entity, fields, includes: [], extras, keys: members.map((m) => m.key) }
}

/** The JSON of a payload. @throws Failure when the rules refuse the write, or there is no such row. */
function payloadOf(
  { stack }: Running,
  { field }: Write,
  done: { readonly planned: Planned; readonly rows: Awaited<ReturnType<typeof execute>> },
): string {
  const { planned, rows } = done
  const answer = respond(stack.context, planned, rows, { url: '/', ifNoneMatch: null })
  const { entity } = field.row.entity
  const id = idJson(entity, answer.headers.location === undefined ? String(planned.calls[0]?.id) : lastSegment(answer.headers.location))
  // A row that was written and may not be read answers with its id alone.
  if (answer.body !== null && answer.body !== `{"id":${id}}`) return answer.body
  const members = field.members.map(
    (m) => `${JSON.stringify(m.key)}:${m.kind === 'id' ? id : m.kind === 'type' ? JSON.stringify(m.name) : 'null'}`,
  )
  return `{${members.join(',')}}`
}

function lastSegment(location: string): string {
  return decodeURIComponent(location.slice(location.lastIndexOf('/') + 1))
}

function idJson(entity: Entity, id: string): string {
  const { type } = fieldNamed(entity, 'id')
  return type.kind === 'scalar' && type.scalar === 'integer' ? id : JSON.stringify(id)
}
