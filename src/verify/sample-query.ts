/** Sample query strings: every documented query parameter of an operation on its own, with a value that its schema allows. */

import type { OpenApiDocument } from '../compile/openapi/openapi.ts'
import { patternSamples } from '../compile/values/pattern-sample.ts'
import { sampleValue } from '../compile/values/sample.ts'
import { SCALAR_KINDS, SCALARS } from '../model/scalar.ts'

type Schema = { readonly [keyword: string]: unknown }

/** A query parameter with a value. */
export interface SampleParameter {
  /** As in the query string: `filter[title][eq]`. */
  readonly name: string
  readonly value: string
  readonly description: string
}

/**
 * A sample of every query parameter, and for a `deepObject` of each of its properties. Cursors are left out: only an earlier answer has
 * one.
 */
export function sampleParameters(document: OpenApiDocument, operation: Schema): readonly SampleParameter[] {
  const parameters = (operation.parameters ?? []) as readonly Schema[]
  return parameters.map((parameter) => resolve(document, parameter)).flatMap((parameter) => samplesOf(document, parameter))
}

function samplesOf(document: OpenApiDocument, parameter: Schema): readonly SampleParameter[] {
  const name = String(parameter.name)
  const description = String(parameter.description)
  const schema = resolve(document, parameter.schema as Schema)
  if (parameter.in !== 'query' || name === 'page[after]') return []
  if (parameter.style === 'deepObject') {
    const properties = Object.entries(schema.properties as Readonly<Record<string, Schema>>)
    return properties.map(([operator, inner]) => ({ name: `${name}[${operator}]`, value: sampleText(inner), description }))
  }
  const value = name === 'filter' ? 'id != null' : sampleText(schema.type === 'array' ? (schema.items as Schema) : schema)
  return [{ name, value, description }]
}

/** Follows a reference to a component. @throws Error when the component does not exist. */
export function resolve(document: OpenApiDocument, value: Schema): Schema {
  if (typeof value.$ref !== 'string') return value
  const [, , section = '', name = ''] = value.$ref.split('/')
  const found = document.components[section]?.[name]
  if (found === undefined) throw new Error(`${value.$ref} leads nowhere`)
  return resolve(document, found as Schema)
}

/** The text of a value that the schema allows, from its `enum`, `pattern`, least value, `format` or `type`. */
function sampleText(schema: Schema): string {
  if (Array.isArray(schema.enum)) return String(schema.enum[0])
  if (typeof schema.pattern === 'string') {
    const pattern = new RegExp(schema.pattern, 'u')
    return patternSamples(schema.pattern, 0).find((text) => pattern.test(text)) ?? 'sample'
  }
  if (typeof schema.minimum === 'number') return String(Math.max(schema.minimum, 1))
  const scalar = SCALAR_KINDS.find((kind) => {
    const facts: Schema = SCALARS[kind].json
    return facts.type === schema.type && facts.format === schema.format
  })
  if (scalar === undefined) return 'sample'
  return String(sampleValue({ kind: 'scalar', scalar, min: null, max: null, pattern: null, precision: null }))
}
