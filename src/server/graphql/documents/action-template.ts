/** The part of a call of an action that does not depend on a request: what the document selects of the answer. */

import type { FieldNode, GraphQLField } from 'graphql'
import { LIMITS } from '../../../base/limits.ts'
import { memo } from '../../../base/memo.ts'
import { unreachable } from '../../../base/unreachable.ts'
import type { AnswerRow } from '../../../compile/actions/answer-sql.ts'
import type { ActionField, AnswerShape } from '../../../compile/graphql/action-fields.ts'
import { type GraphqlApi, graphqlApi } from '../../../compile/graphql/schema.ts'
import { viewOf } from '../../../compile/rules/view.ts'
import { withRulesOfDesign } from '../../../compile/rules/whole-view.ts'
import type { Action, AnswerTree } from '../../../model/action.ts'
import { signInStepOf } from '../../../model/action-tree.ts'
import { type Collecting, collect, firstOf, setsOf } from './collect.ts'
import { type Asked, type PageTemplate, type RowTemplate, rowTemplate, rowTypeOf, type Templating } from './row-template.ts'

/** A root field that runs an action. Each has its own `id`. */
export interface ActionTemplate {
  readonly kind: 'action'
  readonly id: number
  readonly key: string
  readonly called: ActionField
  readonly field: GraphQLField<unknown, unknown>
  readonly node: FieldNode
  /** The selected parts of the answer, under the keys of the document. */
  readonly tree: AnswerTree
  /** What is selected of each row in `tree`. */
  readonly rows: ReadonlyMap<AnswerRow, RowTemplate>
  readonly pages: readonly PageTemplate[]
  /** What is selected of the object that code returns, under the keys of the document; null for any other answer. */
  readonly outputs: readonly SelectedOutput[] | null
}

/** A selected member of the object that code returns: an output, or the name of the type. */
export type SelectedOutput =
  | { readonly kind: 'output'; readonly key: string; readonly name: string }
  | { readonly kind: 'type'; readonly key: string; readonly name: string }

let actions = 0

/** Makes the template of a call. */
export function actionTemplate(collecting: Collecting, { key, nodes, node, field }: Asked, called: ActionField): ActionTemplate {
  const pages: PageTemplate[] = []
  const rows = new Map<AnswerRow, RowTemplate>()
  const selecting: Selecting = { templating: { ...collecting, api: apiOfAnswer(collecting.api, called.action), pages }, rows }
  const tree: AnswerTree = called.answer === null ? { kind: 'none' } : selected(selecting, called.answer, { nodes, path: [key] })
  const outputs = called.answer?.kind === 'output' ? selectedOutputs(collecting, called.answer, nodes) : null
  return { kind: 'action', id: actions++, key, called, field, node, tree, rows, pages, outputs }
}

/** The same schema with the rules of the design, which are not specialised for the caller. */
const ruledApi = memo((api: GraphqlApi): GraphqlApi => graphqlApi(withRulesOfDesign(api.view), api.names, LIMITS))

/**
 * The schema for the answer of an action. After a sign-in, `auth` is the account. What is decided about the caller of the request does not
 * hold for it, so no rule may be specialised.
 */
export function apiOfAnswer(api: GraphqlApi, action: Action): GraphqlApi {
  return signInStepOf(action) === undefined ? api : ruledApi(api)
}

function selectedOutputs(
  collecting: Collecting,
  { type, members }: Extract<AnswerShape, { kind: 'output' }>,
  nodes: readonly FieldNode[],
): readonly SelectedOutput[] {
  return [...collect(collecting, setsOf(nodes), type)].map(([key, inner]) => {
    const name = firstOf(inner).name.value
    if (name === '__typename') return { kind: 'type', key, name: type }
    return { kind: 'output', key, name: members.get(name) ?? name }
  })
}

interface Selecting {
  readonly templating: Templating
  readonly rows: Map<AnswerRow, RowTemplate>
}

interface Place {
  readonly nodes: readonly FieldNode[]
  readonly path: readonly string[]
}

function selected(selecting: Selecting, shape: AnswerShape, place: Place): AnswerTree {
  const { templating, rows } = selecting
  const { nodes, path } = place
  switch (shape.kind) {
    case 'leaf':
    case 'output':
      return shape.tree
    case 'row': {
      const row: AnswerRow = { ...shape.tree }
      const type = rowTypeOf(templating.api, viewOf(templating.api.view, row.row.entity))
      rows.set(row, rowTemplate(templating, type, { sets: setsOf(nodes), path }))
      return row
    }
    case 'list':
    case 'shape':
      return { ...shape.tree, of: selected(selecting, shape.of, place) }
    case 'object': {
      const members = [...collect(templating, setsOf(nodes), shape.type)].map(([key, inner]) => {
        const name = firstOf(inner).name.value
        if (name === '__typename') return { name: key, of: { kind: 'constant', value: shape.type } as const }
        const member = shape.members.get(name)
        if (member === undefined) throw new Error(`${shape.type} has no ${name}`)
        return { name: key, of: selected(selecting, member, { nodes: inner, path: [...path, key] }) }
      })
      return { kind: 'object', members }
    }
    default:
      return unreachable(shape)
  }
}
