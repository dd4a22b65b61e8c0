/** Failures in the form of the contract: `{ "errors": { "title": ["can't be blank"] } }`. */

/** A failure with its status, the name of a field or a resource, and a message. */
export class Refusal extends Error {
  constructor(statusCode, name, message) {
    super(message)
    this.statusCode = statusCode
    this.about = name
  }
}

/** Answers an error that a handler, a hook, the reader of bodies or a schema throws. */
export function refuse(error, _request, reply) {
  const { status, errors } = answerOf(error)
  if (status === 500) console.error(error)
  return reply.code(status).send({ errors })
}

const UNIQUE_VIOLATION = '23505'

function answerOf(error) {
  if (error instanceof Refusal) return { status: error.statusCode, errors: { [error.about]: [error.message] } }
  if (error.validation !== undefined) return { status: 422, errors: problemsOf(error.validation) }
  if (error.code === UNIQUE_VIOLATION) {
    const name = error.constraint === 'users_email_key' ? 'email' : 'username'
    return { status: 409, errors: { [name]: ['has already been taken'] } }
  }
  if (error.statusCode < 500) return { status: 422, errors: { body: ['is invalid'] } }
  return { status: 500, errors: { server: ['failed'] } }
}

/** The members of the body, the query or the path that the schema refuses, each with its messages. */
function problemsOf(validation) {
  const errors = {}
  for (const { instancePath, keyword, params } of validation) {
    const inside = instancePath.split('/').filter((segment) => segment !== '' && !/^\d+$/.test(segment))
    const name = keyword === 'required' ? params.missingProperty : (inside.at(-1) ?? 'body')
    const isBlank = keyword === 'required' || (keyword === 'minLength' && params.limit === 1)
    errors[name] = [...new Set([...(errors[name] ?? []), isBlank ? "can't be blank" : 'is invalid'])]
  }
  return errors
}
