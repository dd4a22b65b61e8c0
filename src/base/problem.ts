/** The failures that code of a design throws. */

import type { FieldProblem } from './failure.ts'
import { ownRule } from './failures/rules.ts'

/** What a thrown problem says, besides its code. */
export interface ProblemOptions {
  /** What the client is told; the message of the code unless given. */
  readonly message?: string
  /** The HTTP status of a code that neither the design nor Plinth knows, from 400 to 499; 409 unless given. */
  readonly status?: number
  /** The values that are wrong: a JSON pointer (RFC 6901) into the request, and what to do. */
  readonly errors?: readonly { readonly pointer: string; readonly message: string; readonly rule?: string }[]
}

/** Tells problems from other errors, also those that another copy of this package has made. */
const BRAND = Symbol.for('plinth.problem')

/** A failure with which code of a design ends. The client gets it as problem details (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: string
  readonly options: ProblemOptions
  readonly [BRAND] = true

  constructor(code: string, options: ProblemOptions) {
    super(options.message ?? code)
    this.code = code
    this.options = options
  }
}

/**
 * Makes the problem of a code: `throw problem('out_of_stock')`. The status and the message of a code come from `errors.codes` of the
 * design, or from Plinth for its own codes such as `not_found`. A text in place of the options is the message.
 *
 * @throws TypeError for a code that is not made of small letters, digits and `_`, and for a status that is not from 400 to 499.
 */
export function problem(code: string, options: string | ProblemOptions = {}): Problem {
  if (typeof code !== 'string' || !/^[a-z][a-z0-9_]{0,99}$/.test(code))
    throw new TypeError('the code of a problem has small letters, digits and _, such as out_of_stock')
  const given = typeof options === 'string' ? { message: options } : options
  const { status } = given
  if (status !== undefined && !(Number.isInteger(status) && status >= 400 && status <= 499))
    throw new TypeError('the status of a problem is a whole number from 400 to 499')
  return new Problem(code, given)
}

/** Whether a thrown value is a problem. */
export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem || (typeof error === 'object' && error !== null && (error as { [BRAND]?: unknown })[BRAND] === true)
}

/** The wrong values of a problem. */
export function errorsOf({ options: { errors = [] } }: Problem): readonly FieldProblem[] {
  return errors.map(({ pointer, message, rule = 'check' }) => ({
    pointer: String(pointer),
    rule: ownRule(String(rule)),
    message: String(message),
  }))
}
