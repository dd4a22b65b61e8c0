/** The names that an OpenAPI document gives to its components, and how texts of the design are quoted in it. */

import { capital } from '../../base/capital.ts'
import type { Entity, Model } from '../../model/model.ts'
import { SCALAR_KINDS, type ScalarKind } from '../../model/scalar.ts'

/** An object of an OpenAPI document. */
export type JsonObject = { readonly [key: string]: unknown }

/** The parts of an entity that are components; `''` is the row itself, `children <relation>` a nested row of a creation. */
export type ComponentPart = (typeof PARTS)[number] | `children ${string}`

const PARTS = ['', 'Create', 'Patch', 'Put', 'List', 'Reference'] as const

/** Schemas that belong to no entity; an entity of such a name gets another key. */
const OWN_SCHEMAS: readonly string[] = [
  ...['Problem', 'ProblemDetail', 'PageInfo', 'SignedIn', 'Tokens', 'Credentials', 'RefreshToken', 'KeySet', 'HealthStatus'],
  ...['Transaction', 'TransactionOperation', 'TransactionResults', 'TransactionResult'],
  ...SCALAR_KINDS.flatMap((scalar) => [conditionsName(scalar, 'one'), conditionsName(scalar, 'list')]),
]

/** The key of an entity's component. */
export type ComponentOf = (entity: Entity, part: ComponentPart) => string

/** The keys of components. */
export interface ComponentNames {
  readonly componentOf: ComponentOf
  /** The key of a shape's component, by the name of the shape. */
  readonly shapeComponentOf: (shape: string) => string
}

/**
 * Gives every component of an entity and every shape its own key. Rows get their keys first, because readers look for their names. A shape
 * of such a name has `Shape` at the end.
 */
export function componentNames(model: Model): ComponentNames {
  const taken = new Set(OWN_SCHEMAS)
  const keys = new Map<string, string>()
  for (const part of PARTS) {
    for (const entity of model.entities) keys.set(`${part} ${entity.name}`, freeName(taken, `${entity.name}${part}`))
  }
  for (const entity of model.entities) {
    for (const { name } of entity.relations)
      keys.set(`children ${name} ${entity.name}`, freeName(taken, `${entity.name}${capital(name)}Create`))
  }
  const shapes = new Map(model.shapes.map(({ name }) => [name, freeName(taken, taken.has(name) ? `${name}Shape` : name)]))
  return {
    componentOf: (entity, part) => found(keys, `${part} ${entity.name}`),
    shapeComponentOf: (shape) => found(shapes, shape),
  }
}

function found(keys: ReadonlyMap<string, string>, part: string): string {
  const key = keys.get(part)
  if (key === undefined) throw new Error(`no component for ${part}`)
  return key
}

/**
 * Adds the wanted name to `taken`, with only the characters of component keys (`^[a-zA-Z0-9._-]+$`), and with a number if it is taken
 * already.
 */
export function freeName(taken: Set<string>, wanted: string): string {
  const plain = wanted.replaceAll(/[^\w.-]/g, '_')
  let name = plain
  for (let n = 2; taken.has(name); n++) name = `${plain}${n}`
  taken.add(name)
  return name
}

/** Name of the schema of the conditions on fields of a type. */
export function conditionsName(scalar: ScalarKind, of: 'one' | 'list'): string {
  return `${capital(scalar)}${of === 'list' ? 'List' : ''}Conditions`
}

/** `blog-posts` → `BlogPosts`. */
export function pascal(path: string): string {
  return path
    .split(/[^A-Za-z0-9]+/)
    .map(capital)
    .join('')
}

/** A reference to a component. */
export function componentRef(section: 'schemas' | 'responses' | 'parameters' | 'headers', name: string): JsonObject {
  return { $ref: `#/components/${section}/${name}` }
}

/** Text of the design as CommonMark, without HTML and without links that run code in a renderer. */
export function prose(text: string): string {
  return text.replaceAll(/<(?=[A-Za-z/!?])/g, '&lt;').replaceAll(/\b(javascript|vbscript):/gi, '$1 :')
}

/** Code in CommonMark: the fence is longer than any run of backticks inside. */
export function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length))
  const fence = '`'.repeat(longest + 1)
  return longest === 0 ? `\`${text}\`` : `${fence} ${text} ${fence}`
}
