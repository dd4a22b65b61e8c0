/** Calls to every operation of an OpenAPI document, as TypeScript for the clients of three generators. */

import type { OpenApiDocument } from '../../src/compile/openapi/openapi.ts'

type Schema = { readonly [keyword: string]: unknown }

/** One operation with sample values. */
interface Call {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly parameters: Readonly<Record<'path' | 'query' | 'header', Readonly<Record<string, unknown>>>>
  readonly body: unknown
  /** Whether the answer to it is one row, with an `id`. */
  readonly answersRow: boolean
}

/** The calls of a document, with every parameter and every property of a body. */
export function callsOf(document: OpenApiDocument): readonly Call[] {
  return Object.entries(document.paths).flatMap(([path, { parameters: shared = [], ...item }]) =>
    Object.entries(item).map(([method, operation]): Call => {
      const parameters = [...(shared as unknown as readonly Schema[]), ...((operation.parameters ?? []) as readonly Schema[])].map(
        (parameter) => resolve(document, parameter),
      )
      const of = (place: string) =>
        Object.fromEntries(parameters.filter((p) => p.in === place).map((p) => [String(p.name), sample(document, p.schema as Schema)]))
      const content = (operation.requestBody as { readonly content?: Readonly<Record<string, Schema>> } | undefined)?.content
      return {
        id: String(operation.operationId),
        method,
        path,
        parameters: { path: of('path'), query: of('query'), header: of('header') },
        body: content === undefined ? undefined : sample(document, content['application/json']?.schema as Schema),
        answersRow:
          /^(create(?!Many)|update|replace|get)[A-Z]/.test(String(operation.operationId)) &&
          path.startsWith('/api/') &&
          !path.startsWith('/api/auth'),
      }
    }),
  )
}

function resolve(document: OpenApiDocument, schema: Schema): Schema {
  if (typeof schema.$ref !== 'string') return schema
  const [, , section = '', name = ''] = schema.$ref.split('/')
  return resolve(document, document.components[section]?.[name] as Schema)
}

/** A value of the type of a schema: limits and formats do not matter to a compiler. Rows within rows end after two levels. */
function sample(document: OpenApiDocument, of: Schema, depth = 0): unknown {
  const schema = resolve(document, of)
  const [first] = (schema.oneOf ?? schema.anyOf ?? []) as readonly Schema[]
  if (first !== undefined) return sample(document, first, depth)
  if (Array.isArray(schema.enum)) return schema.enum[0]
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  switch (type) {
    case undefined:
      return { a: [1, 'x', null, { b: true }] }
    case 'array':
      return depth > 2 ? [] : [sample(document, schema.items as Schema, depth + 1)]
    case 'object':
      return Object.fromEntries(
        Object.entries((schema.properties ?? {}) as Readonly<Record<string, Schema>>).map(([name, property]) => [
          name,
          sample(document, property, depth + 1),
        ]),
      )
    case 'integer':
    case 'number':
      return 1
    case 'boolean':
      return true
    default:
      return 'x'
  }
}

const literal = (value: unknown) => JSON.stringify(value)
const present = (members: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && Object.keys(Object(value)).length > 0))

/** Calls with openapi-fetch on the types of openapi-typescript. */
export function openapiFetchCalls(calls: readonly Call[]): string {
  const lines = calls.map(({ id, method, path, parameters, body, answersRow }) => {
    const options = present({ params: present(parameters), body })
    const call = `await client.${method.toUpperCase()}(${literal(path)}, ${literal(options)})`
    return answersRow ? `  const ${id} = ${call}\n  ids.push(${id}.data?.id)` : `  ${call}`
  })
  return wrapped(
    "import createClient from 'openapi-fetch'\nimport type { paths } from './openapi-typescript.ts'",
    lines,
    '  const client = createClient<paths>()\n',
  )
}

/** Calls of the functions of @hey-api/openapi-ts. */
export function heyApiCalls(calls: readonly Call[]): string {
  const lines = calls.map(({ id, parameters: { path, query, header }, body, answersRow }) => {
    const call = `await sdk.${id}(${literal(present({ path, query, headers: header, body }))})`
    return answersRow ? `  const ${id} = ${call}\n  ids.push(${id}.data?.id)` : `  ${call}`
  })
  return wrapped("import * as sdk from './hey-api/index.ts'", lines)
}

/** Calls of the functions of orval, with its client for fetch. */
export function orvalCalls(calls: readonly Call[]): string {
  const lines = calls.map(({ id, parameters: { path, query }, body, answersRow }) => {
    const given = [...Object.values(path), ...(body === undefined ? [] : [body]), ...(Object.keys(query).length === 0 ? [] : [query])]
    const call = `await sdk.${id}(${given.map(literal).join(', ')})`
    return answersRow
      ? `  const ${id} = ${call}\n  if (${id}.status === ${id.startsWith('create') ? 201 : 200}) ids.push(${id}.data.id)`
      : `  ${call}`
  })
  return wrapped("import * as sdk from './orval.ts'", lines)
}

function wrapped(imports: string, lines: readonly string[], before = ''): string {
  const ids = '  const ids: (string | number | undefined)[] = []\n'
  return `${imports}\n\nexport async function calls() {\n${before}${ids}${lines.join('\n')}\n  return ids\n}\n`
}
