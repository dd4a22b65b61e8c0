/** Parses, measures and validates documents. The result is cached by kind of caller and text. */

import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  getVariableValues,
  isInputType,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  typeFromAST,
  type VariableValues,
  validate,
  validateInputValue,
  visit,
} from 'graphql'
import { compositeKey } from '../../../base/composite-key.ts'
import { type FieldProblem, failure } from '../../../base/failure.ts'
import { LIMITS } from '../../../base/limits.ts'
import { type Lru, lru } from '../../../base/lru.ts'
import { recall } from '../../../base/memo.ts'
import { memberPointer } from '../../../base/texts/json-pointer.ts'
import type { GraphqlApi } from '../../../compile/graphql/schema.ts'
import { excessOf } from './measure.ts'
import type { MutationTemplate } from './mutation-template.ts'
import { graphqlRefusal, withoutValues, wrongDocument, wrongVariables } from './problem.ts'
import type { QueryTemplate } from './query-template.ts'

/** A document that is valid for a kind of caller. */
export interface CompiledDocument {
  readonly document: DocumentNode
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly operations: readonly CompiledOperation[]
}

/** An operation of a valid document, with its cached templates. */
export interface CompiledOperation {
  readonly node: OperationDefinitionNode
  readonly name: string | null
  readonly of: CompiledDocument
  /** Names of the variables of `@skip` and `@include`. */
  readonly switches: readonly string[]
  /** Whether it may read rows by global id. A global id contains the type of the row. */
  readonly hasNodes: boolean
  /** Keyed by the values of the switches. */
  readonly templates: Lru<QueryTemplate>
  readonly mutations: Lru<MutationTemplate>
}

/** How detailed error messages are. Suggestions and limits help authors of documents and also attackers; `least` omits them. */
export type Telling = 'all' | 'least'

const MAX_DOCUMENTS = 200
const MAX_TEMPLATES = 16
const MAX_ERRORS = 20

/** An empty cache of documents for one backend. */
export function openDocumentCache(): Lru<CompiledDocument> {
  return lru<CompiledDocument>(MAX_DOCUMENTS)
}

/** A document, and the caller who sends it. */
export interface DocumentRequest {
  readonly text: string
  /** Makes the schema for the kind of caller, which takes time. Called only for documents within the limits. */
  readonly apiOf: () => GraphqlApi
  /** The kind of caller. */
  readonly variant: string
  readonly telling: Telling
}

/**
 * Finds or makes the document of a text.
 *
 * @throws GraphqlRefusal when the document is too large, not GraphQL, or invalid for the caller's schema.
 */
export function compileDocument(cache: Lru<CompiledDocument>, asked: DocumentRequest): CompiledDocument {
  return recall(cache, compositeKey([asked.variant, asked.text]), () => checkedDocument(asked))
}

function checkedDocument({ text, apiOf, telling }: DocumentRequest): CompiledDocument {
  const tooLarge = (why: string) => graphqlRefusal(failure('query_too_large', { why: telling === 'all' ? why : null }))
  if (Buffer.byteLength(text) > LIMITS.graphqlBytes) throw tooLarge(`a document may have at most ${LIMITS.graphqlBytes} bytes`)
  const document = parseDocument(text, tooLarge)
  const excess = excessOf(document)
  if (excess !== null) throw tooLarge(excess)
  const errors = validate(apiOf().schema, document, specifiedRules, { maxErrors: MAX_ERRORS, hideSuggestions: telling === 'least' })
  if (errors.length > 0) throw wrongDocument(errors)
  return withOperations(document)
}

function parseDocument(text: string, tooLarge: (why: string) => Error): DocumentNode {
  try {
    return parse(text, { maxTokens: LIMITS.graphqlTokens })
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    throw /more than \d+ tokens/.test(error.message)
      ? tooLarge(`a document may have at most ${LIMITS.graphqlTokens} tokens`)
      : wrongDocument([error])
  }
}

function withOperations(document: DocumentNode): CompiledDocument {
  const fragments = new Map<string, FragmentDefinitionNode>()
  const switches = new Set<string>()
  const globalIds: string[] = []
  for (const d of document.definitions) if (d.kind === Kind.FRAGMENT_DEFINITION) fragments.set(d.name.value, d)
  visit(document, {
    Field(node) {
      if (node.name.value === 'node' && (node.arguments?.length ?? 0) > 0) globalIds.push(node.name.value)
    },
    Directive(node) {
      if (node.name.value !== 'skip' && node.name.value !== 'include') return
      for (const { value } of node.arguments ?? []) if (value.kind === Kind.VARIABLE) switches.add(value.name.value)
    },
  })
  const operations: CompiledOperation[] = []
  const compiled: CompiledDocument = { document, fragments, operations }
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue
    const made = { templates: lru<QueryTemplate>(MAX_TEMPLATES), mutations: lru<MutationTemplate>(MAX_TEMPLATES) }
    operations.push({
      node,
      name: node.name?.value ?? null,
      of: compiled,
      switches: [...switches],
      hasNodes: globalIds.length > 0,
      ...made,
    })
  }
  return compiled
}

/** Chooses the operation of a request (specification, section 6.1). @throws GraphqlRefusal when the name is missing or unknown. */
export function operationOf(compiled: CompiledDocument, name: string | null): CompiledOperation {
  const { operations } = compiled
  const [only] = operations
  if (name === null && operations.length === 1 && only !== undefined) return only
  const found = name === null ? undefined : operations.find((operation) => operation.name === name)
  if (found !== undefined) return found
  const what =
    name === null ? 'the document has several operations; name one with operationName' : 'the document has no operation of that name'
  throw graphqlRefusal(failure('invalid_document', { what }))
}

/** Checks the variables of a request and adds defaults. @throws GraphqlRefusal with every problem. */
export function variableValuesOf(
  api: GraphqlApi,
  operation: CompiledOperation,
  sent: Readonly<Record<string, unknown>>,
  telling: Telling,
): VariableValues {
  const read = getVariableValues(api.schema, operation.node.variableDefinitions ?? [], sent, {
    maxErrors: MAX_ERRORS,
    hideSuggestions: telling === 'least',
  })
  if (read.errors !== undefined) throw wrongVariables(variableProblems(api, operation, { sent, telling }), read.errors)
  const { coerced } = read.variableValues
  // These directives accept a nullable variable with a default, but its value must not be null.
  const unset = operation.switches.filter((name) => coerced[name] === null)
  if (unset.length > 0)
    throw wrongVariables(
      unset.map((name) => ({ pointer: pointerTo('', name), rule: 'type', message: '@skip and @include take no null' })),
      [],
    )
  return read.variableValues
}

/** The problems with values of variables, each with a JSON pointer into the variables. */
function variableProblems(
  { schema }: GraphqlApi,
  { node }: CompiledOperation,
  { sent, telling }: { readonly sent: Readonly<Record<string, unknown>>; readonly telling: Telling },
): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  for (const definition of node.variableDefinitions ?? []) {
    const name = definition.variable.name.value
    const type = typeFromAST(schema, definition.type)
    if (!isInputType(type)) continue
    const found = (error: GraphQLError, path: readonly (string | number)[]): void => {
      if (problems.length < MAX_ERRORS)
        problems.push({ pointer: pointerTo('', name, ...path), rule: 'type', message: withoutValues(error.message) })
    }
    if (sent[name] !== undefined) validateInputValue(sent[name], type, found, telling === 'least')
  }
  return problems
}

function pointerTo(at: string, ...keys: readonly (string | number)[]): string {
  return keys.reduce<string>((pointer, key) => `${pointer}${memberPointer(String(key))}`, at)
}
