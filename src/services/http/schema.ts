/** Checks calls and answers of services against JSON Schema (2020-12). */

import type { ValidateFunction } from 'ajv/dist/2020.js'
import { ServiceError } from '../../base/failures/service-error.ts'
import { patternProblem } from '../../design/check/patterns.ts'

/** A pattern that takes time in proportion to this many characters does so for all texts. */
const MANY_CHARACTERS = 1_000_000
/** A pattern that may take the square of the time is compared with shorter texts, and one that takes even longer with none. */
const SQUARE_CHARACTERS = 10_000
const MOST_SQUARED = 200

/** The most characters of a text that is compared with a pattern. */
function longestFor(pattern: string): number {
  if (patternProblem(pattern, MANY_CHARACTERS) === null) return Number.POSITIVE_INFINITY
  return patternProblem(pattern, SQUARE_CHARACTERS) === null ? MOST_SQUARED : -1
}

/** Compares texts with a pattern. A regular expression has no limit of time, so what could take too long is not compared, and fits. */
const comparePattern = Object.assign(
  (pattern: string, flags: string): { readonly test: (text: string) => boolean; readonly toString: () => string } => {
    const expression = new RegExp(pattern, flags)
    const longest = longestFor(pattern)
    // The validator tells patterns apart by their texts.
    return { test: (text) => text.length > longest || expression.test(text), toString: () => String(expression) }
  },
  // The name of the function in code that is written to files, which is not done.
  { code: 'comparePattern' },
)

/** Code usually passes the same object in each call, so each schema is compiled once. */
const compiled = new WeakMap<object, ValidateFunction>()

/** Loads the validator when the first schema needs it. */
async function validatorOf(schema: object): Promise<ValidateFunction> {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const [{ Ajv2020 }, { default: formats }] = await Promise.all([import('ajv/dist/2020.js'), import('ajv-formats')])
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema: true, messages: true, code: { regExp: comparePattern } })
  formats.default(ajv)
  const validate = ajv.compile(schema)
  compiled.set(schema, validate)
  return validate
}

/**
 * Requires that an answer fits a schema.
 *
 * @throws ServiceError `wrong-schema`, which names the rule in the schema, and no part of the answer; Error for a schema that is none.
 */
export async function requireSchema(service: string, schema: object, body: unknown): Promise<void> {
  const validate = await validatorOf(schema)
  if (validate(body)) return
  const [error] = validate.errors ?? []
  throw new ServiceError({ service, reason: 'wrong-schema', note: `the answer breaks ${error?.schemaPath ?? 'its schema'}` })
}

/** Requires that a call fits its operation. @throws TypeError, which names the part of the call and no value */
export async function requireCall(of: string, schema: object, call: unknown): Promise<void> {
  const validate = await validatorOf(schema)
  if (validate(call)) return
  const [error] = validate.errors ?? []
  const extra: unknown = error?.params.additionalProperty
  const more = typeof extra === 'string' ? `: ${JSON.stringify(extra)}` : ''
  throw new TypeError(`${of}: the call does not fit the document: ${error?.instancePath || 'it'} ${error?.message ?? 'is wrong'}${more}`)
}
