/** The values of a field's arguments for known variables. */

import { type FieldNode, GraphQLError, type GraphQLField, getArgumentValues, type VariableValues } from 'graphql'
import { parseJson } from '../../../base/number/exact-json.ts'
import { wrongVariables } from './problem.ts'

/**
 * The arguments of a field. A nullable variable with a default may be used where null is not allowed (specification, section 5.8.5), so
 * only the values show such a null.
 *
 * @throws GraphqlRefusal for such a null.
 */
export function argumentValues(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: VariableValues,
): Readonly<Record<string, unknown>> {
  try {
    return getArgumentValues(field, node, variables)
  } catch (error) {
    throw error instanceof GraphQLError ? wrongVariables([], [error]) : error
  }
}

/** The arguments of a field as plain objects, because input objects of graphql-js have no prototype. @throws GraphqlRefusal as above. */
export function plainArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: VariableValues,
): Readonly<Record<string, unknown>> {
  return parseJson(JSON.stringify(argumentValues(field, node, variables))) as Readonly<Record<string, unknown>>
}
