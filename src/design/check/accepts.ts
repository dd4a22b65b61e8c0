/** Compares the JSON type of a value with the type that a form takes. */

import { isObject } from '../../base/is-object.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Plain } from '../authoring/plain.ts'
import type { Form } from '../language/form.ts'

/** Whether a value has the JSON type that a form takes. The content is not checked. */
export function accepts(form: Form, value: Plain): boolean {
  switch (form.kind) {
    case 'text':
    case 'expression':
    case 'span':
    case 'enum':
      return typeof value === 'string'
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return typeof value === 'number'
    case 'code':
      return typeof value === 'function' || (typeof value === 'string' && value !== '')
    case 'value':
      return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    case 'tree':
      return typeof value !== 'function' && !Array.isArray(value)
    case 'json':
      return typeof value !== 'function'
    case 'list':
      return Array.isArray(value)
    case 'map':
    case 'object':
    case 'tagged':
    case 'keyed':
      return isObject(value)
    case 'either':
      return form.of.some((f) => accepts(f, value))
    default:
      return unreachable(form)
  }
}
