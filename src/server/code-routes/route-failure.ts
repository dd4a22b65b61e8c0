/** The failure for an error of a route. */

import type { FastifyError } from 'fastify'
import { Failure, failure, invalid } from '../../base/failure.ts'
import { ownRule } from '../../base/failures/rules.ts'
import { isProblem } from '../../base/problem.ts'
import { codeFailure } from '../code/failures.ts'
import type { Stack } from '../run/stack.ts'

/** The failure of an error that a handler has thrown. Errors of Fastify stay what they are, but those of schemas name what is wrong. */
export function routeFailure(stack: Stack, name: string, error: unknown): unknown {
  if (error instanceof Failure) return error
  const { validation, validationContext = 'body', statusCode, code } = error as Partial<FastifyError>
  if (validation !== undefined) return schemaFailure(validation, validationContext)
  // Those of Fastify itself, such as a body that is too large.
  if (!isProblem(error) && typeof statusCode === 'number' && statusCode < 500 && code?.startsWith('FST_') === true) return error
  return codeFailure({ name, model: stack.model, explains: stack.context.explainDenials }, error)
}

type Validation = NonNullable<FastifyError['validation']>

/** The failure of a request that does not fit the schema of its route. */
function schemaFailure(validation: Validation, place: string): Failure {
  if (place === 'body')
    return invalid(
      validation.map(({ instancePath, keyword, message = 'does not fit the schema' }) => ({
        pointer: instancePath,
        rule: ownRule(keyword),
        message,
      })),
    )
  const [first] = validation
  const missing = first?.params.missingProperty
  const name = typeof missing === 'string' ? missing : (first?.instancePath.slice(1) ?? '')
  return failure('invalid_parameter', { name, why: first?.message ?? 'does not fit the schema' })
}
