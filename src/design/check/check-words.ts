/** The words of structural findings: what belongs in a place, what stands there, and what was probably meant. */

import { unreachable } from '../../base/unreachable.ts'
import { didYouMean, either, quote } from '../findings/report.ts'
import { accepts } from '../language/accepts.ts'
import type { Form } from '../language/form.ts'
import type { Plain } from '../language/plain.ts'

/** What other tools call the keys. */
export const KEY_SYNONYMS: Readonly<Record<string, string>> = {
  maxLength: 'max',
  maximum: 'max',
  minLength: 'min',
  minimum: 'min',
  regex: 'pattern',
  nullable: 'optional',
  enum: 'values',
  options: 'values',
  items: 'of',
  target: 'entity',
  model: 'entity',
  permissions: 'access',
  policies: 'access',
  properties: 'fields',
  columns: 'fields',
  attributes: 'fields',
  models: 'entities',
  tables: 'entities',
  events: 'on',
}

/** The known word that another tool calls so, or the nearest in spelling. */
export function guess(word: string, known: readonly string[], synonyms: Readonly<Record<string, string>>): string {
  const meant = Object.hasOwn(synonyms, word) ? synonyms[word] : undefined
  return meant !== undefined && known.includes(meant) ? `, did you mean ${quote(meant)}?` : didYouMean(word, known)
}

/** YAML reads `true` and `5` as what they are not meant to be where text is wanted. */
export function quotesHint(form: Form, value: Plain): string | undefined {
  if (typeof value !== 'boolean' && typeof value !== 'number') return undefined
  if (typeof value === 'number' && !acceptsText(form)) return undefined
  return accepts(form, '') ? `write ${JSON.stringify(String(value))} in quotes` : undefined
}

/** Text that may be anything, a number in quotes among it. */
function acceptsText(form: Form): boolean {
  return form.kind === 'text' || (form.kind === 'either' && form.of.some(acceptsText))
}

/** What belongs in a place, in words. */
export function formName(form: Form): string {
  switch (form.kind) {
    case 'text':
      return 'text'
    case 'expression':
      return 'an expression'
    case 'span':
      return 'a length of time'
    case 'boolean':
      return 'true or false'
    case 'integer':
      return 'a whole number'
    case 'number':
      return 'a number'
    case 'enum':
      return either(form.values.map(quote))
    case 'code':
      return 'a function or the path of one'
    case 'json':
      return 'a JSON value'
    case 'list':
      return 'a list'
    case 'map':
    case 'object':
    case 'tagged':
    case 'keyed':
      return 'an object'
    case 'either':
      return either(form.of.map(formName))
    default:
      return unreachable(form)
  }
}

/** What stands there instead, in words. */
export function found(value: Plain): string {
  if (value === null) return 'nothing (null)'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  return typeof value === 'function' ? 'a function' : show(value)
}

/** A value as JSON, of bounded length. */
export function show(value: unknown): string {
  const text = typeof value === 'function' ? 'a function' : JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

/** The first entry of an example list or map, as an example for its entries. */
export function firstExample(example: unknown): unknown {
  return typeof example === 'object' && example !== null ? Object.values(example)[0] : undefined
}
