/** The names of types and of members in a client. */

import type { Model } from '../../model/model.ts'
import { freeName } from '../openapi/component-names.ts'

/** Names of the generated part that no type may have. */
const OWN = ['ErrorCode', 'DESIGN', 'Record']
/** The members of a collection that are no actions. */
const OPERATIONS = ['list', 'first', 'get', 'create', 'createMany', 'update', 'replace', 'delete']
/** The members of a client that are no collections. */
const PARTS = ['auth', 'actions']

/** Gives each name once. */
export type Naming = (wanted: string) => string

/**
 * Names of types that nothing else has: of the runtime, which may be in the same file, and of the language and the platform, as far as the
 * runtime uses them.
 */
export function typeNaming(runtime: string): Naming {
  const taken = new Set([...OWN, ...(withoutTexts(runtime).match(/\b[A-Z]\w*\b/g) ?? [])])
  return (wanted) => freeName(taken, wanted.replaceAll(/\W/g, '_'))
}

/** A text of TypeScript without its comments and texts in quotes. */
export function withoutTexts(text: string): string {
  return text.replaceAll(/\/\*\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'/g, '')
}

/** The names of the members of a client: `cart-items` is `cartItems`. By the name of the entity. */
export function collectionNames({ entities }: Pick<Model, 'entities'>): ReadonlyMap<string, string> {
  const taken = new Set(PARTS)
  return new Map(entities.map(({ name, path }) => [name, freeName(taken, camel(path))]))
}

/** The name of an action beside the operations of rows and the files: `createAction` if the word is taken. */
export function actionName(name: string, files: readonly string[]): string {
  return [...OPERATIONS, ...files].includes(name) ? `${name}Action` : name
}

function camel(path: string): string {
  const name = path.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase())
  return /^[A-Za-z]/.test(name) ? name : `_${name}`
}
