/** The statements of an action of code: those of any action up to its locks, and one that reads what the code gets. */

import { ACTION_ROW, type Action, type ActionInput, type AnswerMember, type AnswerTree, inputBinding } from '../../model/action.ts'
import { scalarType } from '../../model/expression.ts'
import { type Model, storedScalar } from '../../model/model.ts'
import { type ActionProgram, type Compiling, compileAction } from './program.ts'

/** What the last statement of the program returns as JSON. */
export interface CodeParts {
  /** The time of the transaction. */
  readonly now: string
  /** The inputs by name, except passwords. A reference is the row that it names; null if it was not sent. */
  readonly input: Readonly<Record<string, unknown>>
  /** The row of an action of an entity; null for an action of the design. */
  readonly row: unknown
}

/** Compiles an action of code. `outputOf` gives the fields of the rows that the code gets. */
export function compileCode(model: Model, action: Action, compiling: Compiling): ActionProgram {
  return compileAction(model, { ...action, answer: partsOf(action) }, compiling)
}

function partsOf({ entity, inputs }: Action): AnswerTree {
  const now: AnswerTree = { kind: 'value', value: { kind: 'now', type: scalarType('timestamp') } }
  const row: AnswerTree = entity === null ? { kind: 'constant', value: null } : rowOf(ACTION_ROW, entity)
  return {
    kind: 'object',
    members: [
      { name: 'now', of: now },
      { name: 'input', of: { kind: 'object', members: inputs.flatMap(memberOf) } },
      { name: 'row', of: row },
    ],
  }
}

function memberOf({ name, type: input }: ActionInput): readonly AnswerMember[] {
  if (input.kind === 'reference') return [{ name, of: rowOf(inputBinding(name), input.entity) }]
  if (input.type.kind === 'password') return []
  const type = { scalar: storedScalar(input.type), list: input.type.kind === 'list' }
  return [{ name, of: { kind: 'value', value: { kind: 'input', type, field: name } } }]
}

function rowOf(binding: string, entity: string): AnswerTree {
  return { kind: 'row', row: { binding, root: entity, hops: [], entity } }
}
