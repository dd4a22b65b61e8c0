/** The names of types and of members in a client. */

import type { Model } from '../../model/model.ts'
import { freeName } from '../openapi/component-names.ts'

/** Names that a generated client uses of the language and of the platform. */
const GLOBALS = ['Blob', 'Date', 'Record', 'connect', 'createClient', 'isApiError', 'DESIGN', 'ErrorCode', 'object', 'string', 'number']
/** The members of a collection that are no actions. */
const OPERATIONS = ['list', 'first', 'get', 'create', 'createMany', 'update', 'replace', 'delete']
/** The members of a client that are no collections. */
const PARTS = ['auth', 'actions']

/** Gives each name once. */
export type Naming = (wanted: string) => string

/** Names of types that nothing else has. @param runtime the text of the runtime, whose names are taken. */
export function typeNaming(runtime: string): Naming {
  const declared = [...runtime.matchAll(/^(?:export )?(?:async )?(?:interface|type|class|function|const) (\w+)/gm)].map(
    ([, name = '']) => name,
  )
  const taken = new Set([...GLOBALS, ...declared])
  return (wanted) => freeName(taken, wanted.replaceAll(/\W/g, '_'))
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
