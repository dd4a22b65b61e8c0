/** Which optional fields and inputs a value needs: where one of them is missing, the value is missing too. */

import { unreachable } from '../../base/unreachable.ts'
import { type ActionInput, inputBinding } from '../../model/action.ts'
import type { Predicate, RowPath, Term } from '../../model/expression.ts'
import type { Entity } from '../../model/model.ts'
import { conjuncts, visitPredicate } from '../../model/tree.ts'

/** What is known where a value is computed. */
export interface ValueSources {
  readonly entities: ReadonlyMap<string, Entity>
  /** The inputs that expressions name. */
  readonly inputs: readonly ActionInput[]
  /** The value is only computed where this is true; null for always. */
  readonly when: Predicate | null
}

/**
 * The names of optional fields, references and inputs without which the value is missing, such as `row.note`, unless `when` or a condition
 * within the value asks about them. Functions without a result, such as a division by zero, are not considered.
 */
export function missingNames(value: Term, { entities, inputs, when }: ValueSources): readonly string[] {
  const present = new Set(when === null ? [] : presentIn(when))
  const optional = new Set(inputs.flatMap(({ name, optional, default: given }) => (optional && given === null ? [inputBinding(name)] : [])))
  const isOptional = (entity: string, name: string): boolean =>
    entities.get(entity)?.fields.some((field) => field.name === name && field.type.kind !== 'computed' && field.optional) === true
  const visit = (term: Term, known: ReadonlySet<string>): readonly string[] => {
    switch (term.kind) {
      case 'field': {
        const steps = stepsOf(term.row, term.field)
        return steps.flatMap(({ name, entity, field }) => (isOptional(entity, field) && !known.has(name) ? [name] : []))
      }
      case 'input': {
        const name = inputBinding(term.field)
        return optional.has(name) && !known.has(name) ? [name] : []
      }
      case 'if': {
        const asked = [...known, ...askedIn(term.test)]
        return [...visit(term.yes, new Set([...asked, ...presentIn(term.test)])), ...visit(term.no, new Set(asked))]
      }
      case 'call':
        return term.args.flatMap((argument) => visit(argument, known))
      case 'derived':
        return visit(term.of, known)
      case 'aggregateItems':
        return visit(term.over, known)
      case 'literal':
      case 'null':
      case 'param':
      case 'item':
      case 'auth':
      case 'now':
      case 'list':
      case 'count':
      case 'aggregate':
      case 'predicate':
        return []
      default:
        return unreachable(term)
    }
  }
  return [...new Set(visit(value, present))]
}

/** The steps of a path with their names: of `row.author.name` the reference `row.author` and the field `row.author.name`. */
function stepsOf(row: RowPath, field: string): readonly { readonly name: string; readonly entity: string; readonly field: string }[] {
  const fields = [...row.hops.map((hop) => hop.field), ...(field === 'id' ? [] : [field])]
  const owners = [row.root, ...row.hops.map((hop) => hop.entity)]
  return fields.map((one, i) => ({ name: [row.binding, ...fields.slice(0, i + 1)].join('.'), entity: owners[i] ?? row.entity, field: one }))
}

/** The names that are surely there where a condition is true: a comparison with something missing is unknown. */
function presentIn(condition: Predicate): readonly string[] {
  return conjuncts(condition).flatMap((one) => (one.kind === 'not' ? comparedIn(one.of) : one.kind === 'missing' ? [] : comparedIn(one)))
}

function comparedIn(condition: Predicate): readonly string[] {
  switch (condition.kind) {
    case 'compare':
      return [...strictNames(condition.left), ...strictNames(condition.right)]
    case 'text':
      return [...strictNames(condition.of), ...strictNames(condition.with)]
    case 'member':
    case 'truth':
    case 'missing':
      return strictNames(condition.of)
    case 'const':
    case 'all':
    case 'any':
    case 'not':
    case 'choose':
    case 'some':
    case 'every':
    case 'someItem':
    case 'everyItem':
    case 'holds':
    case 'can':
      return []
    default:
      return unreachable(condition)
  }
}

/** The names about which a condition asks whether they are missing. */
function askedIn(condition: Predicate): readonly string[] {
  const names: string[] = []
  visitPredicate(condition, {
    predicate: (one) => {
      if (one.kind === 'missing') names.push(...strictNames(one.of))
    },
  })
  return names
}

/** The names without which a term is missing. */
function strictNames(term: Term): readonly string[] {
  if (term.kind === 'field') return stepsOf(term.row, term.field).map(({ name }) => name)
  if (term.kind === 'input') return [inputBinding(term.field)]
  return term.kind === 'call' ? term.args.flatMap(strictNames) : []
}
