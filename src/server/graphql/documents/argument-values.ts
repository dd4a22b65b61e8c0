/** The values of a field's arguments, once the variables are known. */

import { type FieldNode, GraphQLError, type GraphQLField, getArgumentValues, type VariableValues } from 'graphql'
import { wrongVariables } from './problem.ts'

/**
 * The arguments of a field. A nullable variable with a default may stand where null may not (specification, section 5.8.5): that it is null after all, only
 * its value tells.
 *
 * @throws Refused for such a null.
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
