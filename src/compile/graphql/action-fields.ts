/** The root fields of the actions that a caller may run: mutations for actions that write, queries for those that only read. */

import {
  GraphQLBoolean,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql'
import { unreachable } from '../../base/unreachable.ts'
import type { Action, ActionInput, AnswerTree } from '../../model/action.ts'
import type { Term } from '../../model/expression.ts'
import { entityNamed, type Field, fieldNamed, storedScalar } from '../../model/model.ts'
import { type EntityView, type View, viewOf } from '../rules/view.ts'
import { enumType, type GraphqlValueType } from './enum-values.ts'
import type { GraphqlInputs } from './input-types.ts'
import { IF_VERSION, idArgument } from './mutations.ts'
import { type ActionNames, choicesOf, enumNames, type GraphqlNames, type ObjectNames } from './names.ts'
import { GRAPHQL_SCALARS } from './scalars.ts'

/** The meaning of a root field that runs an action. */
export interface ActionField {
  readonly name: string
  readonly action: Action
  readonly names: ActionNames
  /** Null when the answer has nothing that this caller may see: the field is then true. */
  readonly answer: AnswerShape | null
}

/** The parts of an answer that a document can select. */
export type AnswerShape =
  | { readonly kind: 'leaf'; readonly tree: AnswerTree }
  | { readonly kind: 'row'; readonly tree: Extract<AnswerTree, { kind: 'row' }> }
  /** Members by their names in the schema. */
  | { readonly kind: 'object'; readonly type: string; readonly members: ReadonlyMap<string, AnswerShape> }
  | { readonly kind: 'list'; readonly tree: Extract<AnswerTree, { kind: 'list' }>; readonly of: AnswerShape }
  /** An object that is null if its row is missing. */
  | { readonly kind: 'shape'; readonly tree: Extract<AnswerTree, { kind: 'shape' }>; readonly of: AnswerShape }
  /** The object that code returns: its outputs by their names in the schema. */
  | {
      readonly kind: 'output'
      readonly tree: Extract<AnswerTree, { kind: 'output' }>
      readonly type: string
      readonly members: ReadonlyMap<string, string>
    }

interface Making {
  readonly view: View
  readonly names: GraphqlNames
  readonly inputs: GraphqlInputs
  /** The type of the rows of an entity; null when the caller can read none. */
  readonly rowOf: (entity: EntityView) => GraphQLObjectType | null
}

/** The types of shapes so far, by their objects: all uses of a shape have the same type. */
type KnownShapes = Map<AnswerTree, Typed | null>

interface MakingAnswers extends Making {
  readonly known: KnownShapes
}

/** A part of an answer, and its type. */
interface Typed {
  readonly shape: AnswerShape
  readonly type: GraphQLOutputType
}

/** The root fields of all actions that the caller may run. */
export function actionFields(
  making: Making,
): readonly { readonly called: ActionField; readonly config: GraphQLFieldConfig<unknown, unknown> }[] {
  const answers: MakingAnswers = { ...making, known: new Map() }
  // A request in GraphQL is not signed.
  return making.view.actions
    .filter(({ address }) => address.signed === null)
    .map((action) => {
      const names = making.names.actionOf(action)
      const { answer: tree, run } = action
      const isObject = tree.kind === 'output' && run !== null && run.output.length > 0
      const answer = isObject ? outputType(making, names, { tree, outputs: run.output }) : answerType(answers, names, tree)
      // A field that fails is null.
      const type = answer === null ? GraphQLBoolean : answer.type instanceof GraphQLNonNull ? answer.type.ofType : answer.type
      const called = { name: names.field, action, names, answer: answer?.shape ?? null }
      return { called, config: { type, args: argumentsOf(making, names, action), description: describe(action) } }
    })
}

function describe({ name, entity, description, transition }: Action): string {
  const move =
    transition === null ? null : `Moves ${transition.field} of ${entity} from ${transition.from.join(' or ')} to ${transition.to}.`
  return [description, move].filter((text) => text !== null).join(' ') || `The action ${name}.`
}

function argumentsOf(making: Making, names: ActionNames, { entity, inputs, reads }: Action): GraphQLFieldConfigArgumentMap {
  const own = inputs.map((input) => {
    const type = inputType(making, names, input)
    const isRequired = !input.optional && !input.nullable && input.default === null
    const about = input.type.kind === 'reference' ? `The ${input.type.by} of the ${input.type.entity}.` : null
    const description = [input.description, about].filter((text) => text !== null).join(' ')
    const typed = { type: isRequired ? new GraphQLNonNull(type) : type }
    return [names.inputs.get(input.name) ?? input.name, description === '' ? typed : { ...typed, description }] as const
  })
  const row = entity === null ? {} : { id: idArgument(making.inputs, entityNamed(making.view.model, entity)) }
  return { ...row, ...Object.fromEntries(own), ...(entity === null || reads ? {} : { ifVersion: IF_VERSION }) }
}

function inputType({ view, inputs }: Making, names: ActionNames, { name, type }: ActionInput): GraphqlValueType {
  const of = type.kind === 'reference' ? { entity: type.entity, field: type.by } : type.of
  if (of !== null) {
    const entity = entityNamed(view.model, of.entity)
    return inputs.value(entity, fieldNamed(entity, of.field))
  }
  const choices = choicesOf(type.type)
  const item =
    choices === null ? GRAPHQL_SCALARS[storedScalar(type.type)] : enumType(names.enums.get(name) ?? '', `The values of ${name}.`, choices)
  return type.type.kind === 'list' ? new GraphQLList(new GraphQLNonNull(item)) : item
}

/** The type of a part of an answer; null for a part in which the caller can see nothing. */
function answerType(making: MakingAnswers, names: ActionNames, tree: AnswerTree): Typed | null {
  switch (tree.kind) {
    case 'none':
      return null
    case 'output':
      return { shape: { kind: 'leaf', tree }, type: GRAPHQL_SCALARS.json }
    case 'constant':
      return { shape: { kind: 'leaf', tree }, type: constantType(tree.value) }
    case 'value':
      return { shape: { kind: 'leaf', tree }, type: termType(making, tree.value) }
    case 'token':
    case 'session':
      return { shape: { kind: 'leaf', tree }, type: GRAPHQL_SCALARS.text }
    case 'row': {
      const type = making.rowOf(viewOf(making.view, tree.row.entity))
      return type === null ? null : { shape: { kind: 'row', tree }, type }
    }
    case 'object':
      return objectType(making, names, tree)
    case 'shape': {
      const known = making.known.get(tree.of)
      const of = known === undefined ? answerType(making, names, tree.of) : known
      making.known.set(tree.of, of)
      if (of === null) return null
      return { shape: { kind: 'shape', tree, of: of.shape }, type: of.type instanceof GraphQLNonNull ? of.type.ofType : of.type }
    }
    case 'list': {
      // The keys of such an object are values, so they are no members of a type.
      if (tree.key !== null) return { shape: { kind: 'leaf', tree }, type: new GraphQLNonNull(GRAPHQL_SCALARS.json) }
      const of = answerType(making, names, tree.of)
      if (of === null) return null
      return { shape: { kind: 'list', tree, of: of.shape }, type: new GraphQLNonNull(new GraphQLList(of.type)) }
    }
    default:
      return unreachable(tree)
  }
}

function objectType(making: MakingAnswers, names: ActionNames, tree: Extract<AnswerTree, { kind: 'object' }>): Typed | null {
  const own = making.names.shapes.get(tree) ?? namesOfObject(names, tree)
  const members = tree.members.flatMap(({ of }, i): (readonly [string, Typed])[] => {
    const typed = answerType(making, names, of)
    return typed === null ? [] : [[own.members[i] ?? '', typed]]
  })
  if (members.length === 0) return null
  const fields = Object.fromEntries(members.map(([name, { type }]) => [name, { type }]))
  return {
    shape: { kind: 'object', type: own.type, members: new Map(members.map(([name, { shape }]) => [name, shape])) },
    type: new GraphQLNonNull(new GraphQLObjectType({ name: own.type, fields })),
  }
}

/** The object that code returns. */
function outputType(
  making: Making,
  names: ActionNames,
  { tree, outputs }: { readonly tree: Extract<AnswerTree, { kind: 'output' }>; readonly outputs: readonly ActionInput[] },
): Typed {
  const own = namesOfObject(names, tree)
  const named = outputs.map((output, i) => ({ output, name: own.members[i] ?? '' }))
  const fields = named.map(({ output, name }) => {
    const type = valueOfOutput(making, output)
    const about = output.description === null ? {} : { description: output.description }
    return [name, { type: output.optional || output.nullable ? type : new GraphQLNonNull(type), ...about }] as const
  })
  const members = new Map(named.map(({ output, name }) => [name, output.name]))
  const type = new GraphQLObjectType({ name: own.type, fields: Object.fromEntries(fields) })
  return { shape: { kind: 'output', tree, type: own.type, members }, type }
}

function valueOfOutput({ view, inputs }: Making, { type }: ActionInput): GraphqlValueType {
  const of = type.kind === 'reference' ? { entity: type.entity, field: type.by } : type.of
  if (of !== null) {
    const entity = entityNamed(view.model, of.entity)
    const field = fieldNamed(entity, of.field)
    if (hasStoredNames(field)) return inputs.value(entity, field)
  }
  const item = GRAPHQL_SCALARS[storedScalar(type.type)]
  return type.type.kind === 'list' ? new GraphQLList(new GraphQLNonNull(item)) : item
}

function namesOfObject(names: ActionNames, tree: AnswerTree): ObjectNames {
  const own = names.objects.get(tree)
  if (own === undefined) throw new Error('every object of an answer has a name')
  return own
}

/** Whether the values of a field are their own names in the schema: the database answers stored values. */
function hasStoredNames({ type }: Field): boolean {
  return [...enumNames(choicesOf(type) ?? [])].every(([value, name]) => value === name)
}

function constantType(value: null | boolean | number | string): GraphQLOutputType {
  if (value === null) return GRAPHQL_SCALARS.json
  if (typeof value === 'boolean') return new GraphQLNonNull(GRAPHQL_SCALARS.boolean)
  if (typeof value === 'string') return new GraphQLNonNull(GRAPHQL_SCALARS.text)
  return new GraphQLNonNull(Number.isInteger(value) ? GRAPHQL_SCALARS.integer : GRAPHQL_SCALARS.number)
}

/** The type of a value. A field with choices has its enum, unless the enum has other names than the stored values. */
function termType({ view, inputs }: Making, term: Term): GraphQLOutputType {
  if (term.kind === 'field') {
    const entity = entityNamed(view.model, term.row.entity)
    const field = fieldNamed(entity, term.field)
    if (hasStoredNames(field)) return inputs.value(entity, field)
  }
  const { scalar, list } = term.type
  return list ? new GraphQLList(new GraphQLNonNull(GRAPHQL_SCALARS[scalar])) : GRAPHQL_SCALARS[scalar]
}
