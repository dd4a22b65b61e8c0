/** Answers a GraphQL query: plans its pages, checks its cost, and runs one statement. */

import { executeSync, type FieldNode, Kind, print, type SelectionSetNode, type VariableValues } from 'graphql'
import { between, type Utf8, utf8Length } from '../../base/bytes/utf8.ts'
import { compositeKey } from '../../base/composite-key.ts'
import { Failure, failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { type Lru, lru } from '../../base/lru.ts'
import { recall } from '../../base/memo.ts'
import type { Statement, Value } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { GraphqlApi, RowType } from '../../compile/graphql/schema.ts'
import { queryColumns } from '../../compile/statements/columns/query-columns.ts'
import type { QueryPlan } from '../../compile/statements/plan.ts'
import { queryStatement } from '../../compile/statements/statement-query.ts'
import { encodeJson } from '../../compile/values/encode.ts'
import type { Caller } from '../../model/caller.ts'
import { type Entity, fieldNamed } from '../../model/model.ts'
import { callerValues, type Variant } from '../plan/planning.ts'
import { runStatement } from '../read/read.ts'
import { tooManyBytes } from '../run/answer-size.ts'
import type { Stack } from '../run/stack.ts'
import { actionCall, runCall } from './action-call.ts'
import { bindPages } from './bind-pages.ts'
import { argumentValues } from './documents/argument-values.ts'
import { collect, firstOf } from './documents/collect.ts'
import type { CompiledOperation, Telling } from './documents/document.ts'
import { graphqlRefusal, type OperationOutcome, problemOf, wrongVariables } from './documents/problem.ts'
import { type QueryTemplate, queryTemplate, type RootTemplate, rootPlan } from './documents/query-template.ts'
import type { BoundPage } from './documents/row-template.ts'
import { operationCall } from './operation-call.ts'

/** What is needed to run an operation. */
export interface RunningOperation {
  readonly stack: Stack
  readonly api: GraphqlApi
  readonly caller: Caller
  readonly variant: Variant
  readonly telling: Telling
  readonly statements: Lru<QueryForm>
  /** Answers to introspection, by document. */
  readonly introspections: Lru<string>
}

/** The statement of a query: PostgreSQL returns columns, or the JSON of each root field as text. */
export type QueryForm =
  | { readonly kind: 'columns'; readonly statement: Statement<Utf8 | null> }
  | { readonly kind: 'text'; readonly statement: Statement }

/** The maximum number of cached query statements. */
const MAX_STATEMENTS = 1_000

/** Maximum number of cached introspection answers. They are large, and most tools send the same document. */
const MAX_INTROSPECTIONS = 8

/** Opens the caches of a backend. */
export function openQueryCaches(): Pick<RunningOperation, 'statements' | 'introspections'> {
  return { statements: lru<QueryForm>(MAX_STATEMENTS), introspections: lru<string>(MAX_INTROSPECTIONS) }
}

/**
 * Answers a query. The fields of rows are read by one statement; the actions follow, each in a transaction, and operations. One that
 * fails is null.
 *
 * @throws GraphqlRefusal for a request that is refused, and for an answer that would be too large; Failure when the database fails.
 */
export async function runQuery(
  running: RunningOperation,
  operation: CompiledOperation,
  variables: VariableValues,
): Promise<OperationOutcome<string | Utf8>> {
  const template = templateOf(running, operation, variables)
  const bound = bindPages(running, template.pages, variables)
  const calls = template.roots.flatMap((root) => {
    if (root.kind === 'action') return [[root.key, actionCall(running, root, variables)] as const]
    return root.kind === 'operation' ? [[root.key, operationCall(running, root, variables)] as const] : []
  })
  const texts = new Map(await rowsOf(running, template, { bound, variables }))
  const failed = new Map<string, unknown>()
  for (const [key, call] of calls) {
    await runCall(running, call).then(
      (json) => texts.set(key, json),
      (error: unknown) => failed.set(key, error),
    )
  }
  const data = dataOf(
    template.roots.map((root) => {
      const json =
        root.kind === 'text'
          ? root.json
          : root.kind === 'introspection'
            ? introspect(running, operation, { root, variables })
            : (texts.get(root.key) ?? 'null')
      return [root.key, json] as const
    }),
  )
  if (calls.length > 0 && utf8Length(data) > LIMITS.answerBytes) refuseTooLarge(tooManyBytes())
  return { data, problems: [...failed].map(([key, error]) => problemOf(error, [key])), defects: [...failed.values()] }
}

/** The JSON of `data`. If one member is bytes, all others are ASCII, and the whole is bytes. */
function dataOf(members: readonly (readonly [key: string, json: string | Utf8])[]): string | Utf8 {
  let text = '{'
  let bytes: Utf8 | null = null
  for (const [i, [key, json]] of members.entries()) {
    text += `${i === 0 ? '' : ','}${JSON.stringify(key)}:`
    if (typeof json === 'string') text += json
    else {
      bytes = between(text, json, '')
      text = ''
    }
  }
  return bytes === null ? `${text}}` : between('', bytes, `${text}}`)
}

function templateOf({ api }: RunningOperation, operation: CompiledOperation, variables: VariableValues): QueryTemplate {
  const set = operation.node.selectionSet
  const { fragments } = operation.of
  const switches = operation.switches.map((name) => (variables.coerced[name] === true ? 't' : 'f')).join('')
  const nodeType = (node: FieldNode) => nodeOf(api, node, variables)?.row ?? null
  const nodeTypes = operation.hasNodes ? collectedNodes(api, operation, variables).map((node) => nodeType(node)?.name ?? '') : []
  const key = compositeKey([switches, ...nodeTypes])
  return recall(operation.templates, key, () => queryTemplate({ api, fragments, variables, pages: [] }, set, nodeType))
}

function collectedNodes(api: GraphqlApi, operation: CompiledOperation, variables: VariableValues): readonly FieldNode[] {
  const roots = collect({ api, fragments: operation.of.fragments, variables }, [operation.node.selectionSet], 'Query')
  return [...roots.values()].map(firstOf).filter((node) => api.queries.get(node.name.value)?.kind === 'node')
}

/** The row type and id in a global id. Null for a text that is no global id, and for a type that this caller's schema lacks. */
function nodeOf(api: GraphqlApi, node: FieldNode, variables: VariableValues): { readonly row: RowType; readonly id: string } | null {
  const field = api.schema.getQueryType()?.getFields().node
  if (field === undefined) return null
  const { id } = argumentValues(field, node, variables)
  if (typeof id !== 'string' || !/^[A-Za-z0-9_-]{1,2000}$/.test(id)) return null
  const text = Buffer.from(id, 'base64url').toString('utf8')
  const colon = text.indexOf(':')
  const row = api.rows.get(text.slice(0, colon))
  return row === undefined || !row.members.has('nodeId') || !api.queries.has(api.names.of(row.entity.entity).one)
    ? null
    : { row, id: text.slice(colon + 1) }
}

interface Binding {
  readonly bound: readonly BoundPage[]
  readonly variables: VariableValues
}

/** The JSON of each root field that needs the database, by its key. One statement reads all these fields. */
async function rowsOf(
  running: RunningOperation,
  template: QueryTemplate,
  { bound, variables }: Binding,
): Promise<ReadonlyMap<string, string | Utf8 | null>> {
  const { stack, api, caller, variant } = running
  const { run } = stack.executor
  const asked = template.roots.filter((root) => root.kind === 'row' || root.kind === 'rows')
  const [first] = asked
  if (first === undefined) return new Map()
  const key = compositeKey([variant.key, template.id, ...bound.flatMap(({ size, rows }) => [size, rows.key])])
  const form = recall(running.statements, key, () => {
    const isAlone = template.roots.every((root) => root === first || root.kind === 'text')
    return formOf(running, { roots: asked.flatMap((root) => rootPlan(root, bound) ?? []) }, isAlone)
  })
  const values: Record<string, Value> = { ...callerValues(stack.model, caller) }
  for (const { rows } of bound) Object.assign(values, rows.values)
  for (const root of asked) if (root.kind === 'row') values[root.slot] = idOf(api, root, variables)
  switch (form.kind) {
    case 'columns': {
      const json = await runStatement(run, form.statement, values).catch(refuseTooLarge)
      return json === null ? refuseTooLarge(tooManyBytes()) : new Map([[first.key, json]])
    }
    case 'text': {
      const [row] = await runStatement(run, form.statement, values).catch(refuseTooLarge)
      if (row === undefined) return refuseTooLarge(tooManyBytes())
      return new Map(asked.map((root, i) => [root.key, row[i] ?? null]))
    }
    default:
      return unreachable(form)
  }
}

/** The statement of a query: as columns if they cover its only field, and all other fields of the document are constants. */
function formOf({ stack, api }: RunningOperation, plan: QueryPlan, isAlone: boolean): QueryForm {
  const { model } = api.view
  const columns = isAlone && stack.context.columns ? queryColumns(model, plan) : null
  return columns === null ? { kind: 'text', statement: queryStatement(model, plan) } : { kind: 'columns', statement: columns }
}

/** A query whose answer is too large is refused like one that asks for too much. */
function refuseTooLarge(error: unknown): never {
  const isTooLarge = error instanceof Failure && error.code === 'answer_too_large'
  throw isTooLarge ? graphqlRefusal(failure('query_too_large', { why: error.detail })) : error
}

function idOf(api: GraphqlApi, root: Extract<RootTemplate, { kind: 'row' }>, variables: VariableValues): Value {
  const isNode = api.queries.get(root.node.name.value)?.kind === 'node'
  const id = isNode ? nodeOf(api, root.node, variables)?.id : argumentValues(root.field, root.node, variables).id
  return idValue(root.row.entity.entity, id)
}

/** Encodes an id for its slot. Null for a value that is no valid id; then no row is found. */
function idValue(entity: Entity, id: unknown): Value {
  const { type } = fieldNamed(entity, 'id')
  const isInteger = type.kind === 'scalar' && type.scalar === 'integer'
  const encoded = encodeJson(type, isInteger && typeof id === 'string' ? Number(id) : id)
  return encoded.ok ? encoded.value : null
}

/** Answers introspection. This is the only part of a document that graphql-js executes. */
function introspect(
  { api, variant, introspections }: RunningOperation,
  operation: CompiledOperation,
  { root, variables }: { readonly root: Extract<RootTemplate, { kind: 'introspection' }>; readonly variables: VariableValues },
): string {
  // Introspection uses variables of these types only. Other values are already coerced, and coercing them again could fail.
  const variableDefinitions = (operation.node.variableDefinitions ?? []).filter((v) => /^(String|Boolean)!?$/.test(print(v.type)))
  const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [...root.nodes] }
  const document = {
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation.node, selectionSet, variableDefinitions }, ...operation.of.fragments.values()],
  } as const
  const variableValues = { ...variables.coerced }
  const key = compositeKey([variant.key, JSON.stringify(variableValues), print(document)])
  return recall(introspections, key, () => {
    const { data, errors } = executeSync({ schema: api.schema, document, variableValues })
    if (errors !== undefined) throw wrongVariables([], errors)
    return JSON.stringify(data?.[root.key] ?? null)
  })
}
