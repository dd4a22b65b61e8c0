/** The inputs and answers of actions, from the schemas of a document. */

import { designField, type NamedEntity } from '../draft/draft.ts'
import type { ApiDocument, ApiPlace } from '../openapi/document.ts'
import type { ApiOperation, OperationBody } from '../openapi/operations.ts'
import type { ReadApi } from '../openapi/read-openapi.ts'
import { propertiesOf } from '../openapi/schemas.ts'

interface About {
  readonly entity: NamedEntity
  readonly api: ReadApi
  readonly entities: readonly NamedEntity[]
}

const MAINTAINED: ReadonlySet<string> = new Set(['id', 'createdAt', 'updatedAt', 'deletedAt', 'version'])

/** The inputs of a body, by field: `Article.title`, with `?` if it may be left out. Null if a member is no field. */
export function bodyInput({ body }: ApiOperation, { entity, api }: About): Readonly<Record<string, string>> | null {
  if (body === null || body.list) return null
  const input: Record<string, string> = {}
  for (const { name, required } of propertiesOf(api.document, body.schema)) {
    const field = designField(entity, name)
    const design = field === undefined ? undefined : entity.design.fields[field]
    // what the server gives is not sent
    if (field !== undefined && MAINTAINED.has(field)) continue
    if (field === undefined || design === undefined || design.type === 'ref') return null
    input[field] = `${entity.name}.${field}${required ? '' : '?'}`
  }
  return input
}

/** The answer; undefined for an operation without one, null if a required member is no field. */
export function rowAnswer({ answer }: ApiOperation, { entity, row, api, entities }: About & { readonly row: string }): unknown {
  if (answer === null) return undefined
  const one = answer.list ? 'each' : row
  const tree = treeOf(answer.schema, { document: api.document, entity, entities, at: one, depth: 0 })
  if (tree === null) return null
  const value = answer.list ? { each: `each in ${row}`, is: tree } : tree
  if (answer.member === null) return value
  const others = countsOf(answer, row, api.document)
  return others === null ? null : { [answer.member]: value, ...others }
}

/** The members beside the rows: how many there are. Null for a required one that is something else. */
function countsOf({ whole, member, list }: OperationBody, row: string, document: ApiDocument): Readonly<Record<string, string>> | null {
  const counts: Record<string, string> = {}
  for (const { name, schema, required } of propertiesOf(document, whole)) {
    if (name === member) continue
    const isTotal = list && document.resolve(schema)?.value.type === 'integer' && /count|total/i.test(name)
    if (isTotal) counts[name] = `${row}.total`
    else if (required) return null
  }
  return counts
}

interface Tree {
  readonly document: ApiDocument
  readonly entity: NamedEntity
  readonly entities: readonly NamedEntity[]
  /** The path of the row in expressions. */
  readonly at: string
  readonly depth: number
}

const MAX_LEVELS = 3

function treeOf(schema: ApiPlace, { document, entity, entities, at, depth }: Tree): Readonly<Record<string, unknown>> | null {
  const tree: Record<string, unknown> = {}
  for (const { name, schema: property, required } of propertiesOf(document, schema)) {
    const field = entity.names.get(name) ?? designField(entity, name)
    const design = field === undefined ? undefined : entity.design.fields[field]
    const isHidden = design?.type === 'password' || design?.read !== undefined
    if (field !== undefined && (MAINTAINED.has(field) || (design !== undefined && design.type !== 'ref' && !isHidden)))
      tree[name] = `${at}.${field}`
    else if (field !== undefined && design?.type === 'ref') {
      const target = entities.find((each) => each.name === design.entity)
      const isObject = propertiesOf(document, property).length > 0
      const inner =
        isObject && target !== undefined && depth < MAX_LEVELS
          ? treeOf(property, { document, entity: target, entities, at: `${at}.${field}`, depth: depth + 1 })
          : null
      if (!isObject) tree[name] = `${at}.${field}.id`
      else if (inner !== null) tree[name] = inner
      else if (required) return null
    } else if (required) return null
  }
  return Object.keys(tree).length === 0 ? null : tree
}
