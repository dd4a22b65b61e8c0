/** Texts for structural findings: the expected form, the value found, and the probable intention. */

import { unreachable } from '../../base/unreachable.ts'
import type { Plain } from '../authoring/plain.ts'
import { didYouMean, either, quote } from '../findings/report.ts'
import type { Form } from '../language/form.ts'
import { accepts } from './accepts.ts'

/** Keys of other tools, with Plinth's key for the same thing. */
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
  every: 'cron',
  interval: 'cron',
  sender: 'from',
  timezone: 'timeZone',
  tz: 'timeZone',
  zone: 'timeZone',
  schedule: 'cron',
  handler: 'run',
  function: 'run',
  code: 'run',
  action: 'call',
  condition: 'when',
  if: 'when',
  recipient: 'to',
  mail: 'email',
  template: 'email',
  payload: 'input',
  args: 'input',
  inputs: 'input',
  retries: 'retry',
  header: 'heading',
  title: 'heading',
  paragraph: 'text',
  body: 'text',
  link: 'button',
  picture: 'image',
  img: 'image',
  href: 'link',
  url: 'link',
  src: 'file',
}

/** A question for the word that was probably meant: a synonym from another tool, or the nearest spelling. Empty when there is none. */
export function guess(word: string, known: readonly string[], synonyms: Readonly<Record<string, string>>): string {
  const meant = Object.hasOwn(synonyms, word) ? synonyms[word] : undefined
  return meant !== undefined && known.includes(meant) ? `, did you mean ${quote(meant)}?` : didYouMean(word, known)
}

/** A hint to quote a YAML value such as `true` or `5` where a text is expected. */
export function quotesHint(form: Form, value: Plain): string | undefined {
  if (typeof value !== 'boolean' && typeof value !== 'number') return undefined
  if (typeof value === 'number' && !acceptsText(form)) return undefined
  return accepts(form, '') ? `write ${JSON.stringify(String(value))} in quotes` : undefined
}

/** Whether the form takes any text, also a number in quotes. */
function acceptsText(form: Form): boolean {
  return form.kind === 'text' || (form.kind === 'either' && form.of.some(acceptsText))
}

/** The name of a form in messages. */
export function formName(form: Form): string {
  switch (form.kind) {
    case 'text':
      return 'text'
    case 'expression':
      return 'an expression'
    case 'span':
      return 'a length of time'
    case 'null':
      return 'null'
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
    case 'value':
      return 'an expression, a number, true, false or null'
    case 'tree':
      return 'an expression, a constant or an object'
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

/** The value found, in messages. */
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
