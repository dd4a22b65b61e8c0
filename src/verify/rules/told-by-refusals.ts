/** What refusals may tell beside their body: the challenge of a 401, and the members of errors in GraphQL. */

import type { Answered } from '../expected/answered.ts'

/** RFC 6750 has more parameters. The documents name one, and a free text would repeat what a library says of a token. */
const CHALLENGE = ['', ' error="invalid_token"'] as const

/** Of an error (GraphQL, section 7.1.2), of its `extensions`, and of one of the problems there. */
const ERROR_MEMBERS: readonly string[] = ['message', 'locations', 'path', 'extensions']
const EXTENSIONS: readonly string[] = ['code', 'traceId', 'errors']
const PROBLEM_MEMBERS: readonly string[] = ['pointer', 'rule', 'message']

const SHOWN = 120

/**
 * What is wrong with the `WWW-Authenticate` of an answer: null if nothing is, and undefined if it needs none and has none.
 *
 * @param scheme the word before access tokens
 */
export function challengeProblem({ status, headers }: Answered, scheme: string): string | null | undefined {
  const said = headers['www-authenticate']
  if (said === undefined) return status === 401 ? 'a 401 without WWW-Authenticate' : undefined
  const text = [said].flat().join(', ')
  return CHALLENGE.some((parameters) => text === `${scheme}${parameters}`)
    ? null
    : `WWW-Authenticate says more than the scheme and the documented parameter: ${text.slice(0, SHOWN)}`
}

/** What is wrong with the members of the errors of an answer of GraphQL: null if nothing is, and undefined if it has no errors. */
export function graphqlErrorProblem({ json }: Answered): string | null | undefined {
  const errors: unknown = (json as { readonly errors?: unknown } | null | undefined)?.errors
  if (!Array.isArray(errors) || errors.length === 0) return undefined
  for (const error of errors as readonly unknown[]) {
    const { extensions } = membersOf(error)
    const { errors: problems } = membersOf(extensions)
    const stray =
      strayIn(error, ERROR_MEMBERS) ??
      strayIn(extensions, EXTENSIONS) ??
      (Array.isArray(problems) ? problems : []).map((problem) => strayIn(problem, PROBLEM_MEMBERS)).find((name) => name !== undefined)
    if (stray !== undefined) return `an error of GraphQL has the member ${stray.slice(0, SHOWN)}, which no document names`
  }
  return null
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

function strayIn(value: unknown, known: readonly string[]): string | undefined {
  return Object.keys(membersOf(value)).find((name) => !known.includes(name))
}
