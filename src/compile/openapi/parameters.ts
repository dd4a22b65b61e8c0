/** Parameters of an entity's operations in an OpenAPI document. */

import { capital } from '../../base/capital.ts'
import { type Field, storedScalar } from '../../model/model.ts'
import { SCALARS } from '../../model/scalar.ts'
import type { Endpoint, HeaderParameter } from '../endpoints/endpoint.ts'
import { type EntityView, viewOf } from '../rules/view.ts'
import { entityIndexes } from '../tables/indexes.ts'
import type { JsonSchema } from '../values/formats.ts'
import { code, componentRef, freeName, type JsonObject } from './component-names.ts'
import { conditionsOf } from './conditions.ts'
import { fieldsOf, type Scope } from './scope.ts'

/** The parameter components of an entity, and the references of its operations to them. */
export interface EntityParameters {
  readonly components: JsonObject
  /** The parameters of every operation that answers with rows. */
  readonly selection: readonly JsonObject[]
  /** The parameters of the list alone. */
  readonly list: readonly JsonObject[]
}

/** Makes the parameters of an entity. `taken` has the component keys of all entities so far; new keys are added to it. */
export function entityParameters(scope: Scope, entity: EntityView, taken: Set<string>): EntityParameters {
  const components: Record<string, JsonObject> = {}
  const add = (suffix: string, parameter: JsonObject): JsonObject => {
    const key = freeName(taken, `${scope.componentOf(entity.entity, '')}${suffix}`)
    components[key] = parameter
    return componentRef('parameters', key)
  }
  const selection = selectionParameters(scope, entity).map(([suffix, parameter]) => add(suffix, parameter))
  const list = [
    componentRef('parameters', 'PageSize'),
    componentRef('parameters', 'PageAfter'),
    ...optional(sortParameter(entity)).map((parameter) => add('Sort', parameter)),
    componentRef('parameters', 'Filter'),
    ...fieldsOf(entity).map(({ field }) => add(`Filter${capital(field.name)}`, filterParameter(scope, entity, field))),
    ...(entity.entity.search === null || !entity.entity.search.fields.some((f) => entity.readable.has(f))
      ? []
      : [componentRef('parameters', 'Search')]),
    componentRef('parameters', 'Count'),
  ]
  return { components, selection, list }
}

/** The components of an endpoint's header parameters, in their order. */
const HEADER_PARAMETERS = ['IfNoneMatch', 'IfMatch', 'IdempotencyKey', 'Prefer'] as const satisfies readonly (
  | HeaderParameter
  | 'IdempotencyKey'
)[]

/** References to the header parameters of an endpoint. */
export function headerParameters({ parameters, idempotent }: Endpoint): readonly JsonObject[] {
  const has = (name: (typeof HEADER_PARAMETERS)[number]): boolean =>
    name === 'IdempotencyKey' ? idempotent : parameters.headers.includes(name)
  return HEADER_PARAMETERS.filter(has).map((name) => componentRef('parameters', name))
}

function optional<T>(value: T | null): readonly T[] {
  return value === null ? [] : [value]
}

/** Parameters that are the same for every entity. */
export function sharedParameters(scope: Scope): JsonObject {
  return { ...sharedQueryParameters(scope), ...SHARED_HEADERS }
}

function sharedQueryParameters({ limits }: Scope): JsonObject {
  return {
    PageSize: {
      name: 'page[size]',
      in: 'query',
      description: 'The maximum number of rows of a page.',
      schema: { type: 'integer', minimum: 1, maximum: limits.pageSizeMax, default: limits.pageSizeDefault },
    },
    PageAfter: {
      name: 'page[after]',
      in: 'query',
      description: 'The `page.next` of the previous page. The other parameters must stay the same.',
      schema: { type: 'string', pattern: '^[A-Za-z0-9_-]+$', maxLength: limits.cursor },
    },
    Filter: {
      name: 'filter',
      in: 'query',
      description: [
        'A CEL expression that the rows must satisfy, such as `createdAt > timestamp("2030-01-01T00:00:00Z")`.',
        'Some part of it has to be served by an index.',
        `At most ${limits.filterConditions} conditions in all, with those of \`filter[…]\`; all must hold.`,
        `Through relations: \`filter[relation.field]=value\`, at most ${limits.relationDepth} relations deep.`,
      ].join(' '),
      schema: { type: 'string' },
    },
    Search: {
      name: 'search',
      in: 'query',
      description: 'Words to find. All of them must be there, in any order.',
      schema: { type: 'string', pattern: '\\S', maxLength: limits.filterText },
    },
    Count: {
      name: 'count',
      in: 'query',
      description: 'Also count all rows, into `page.count`.',
      schema: { type: 'boolean', default: false },
    },
  }
}

const SHARED_HEADERS: JsonObject = {
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'The `ETag` of the row as you know it: when the row has changed since, nothing is done and the answer is 412.',
    schema: { type: 'string' },
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'A key that the client makes for each new request, such as a UUID. For 24 hours, a request with the same key has no further effect ' +
      'and gets the first answer. The answer is 409 while the first request is running, and 422 if the key belongs to another request. ' +
      'Failures are not kept.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]+$' },
  },
  Prefer: {
    name: 'Prefer',
    in: 'header',
    description: '`return=minimal` (RFC 7240) for an answer without a body.',
    schema: { type: 'string' },
    example: 'return=minimal',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'The `ETag` of the row as you know it: when it has not changed, the answer is 304 without a body.',
    schema: { type: 'string' },
  },
}

function selectionParameters(scope: Scope, entity: EntityView): readonly (readonly [suffix: string, parameter: JsonObject])[] {
  const names = fieldsOf(entity).map(({ field }) => field.name)
  const targets = includable(scope, entity)
  const parameters: (readonly [string, JsonObject])[] = [
    [
      'Fields',
      commaList(
        'fields',
        'The fields in the answer; all unless given. Other fields are absent, also where the schema of the answer requires them.',
        { type: 'string', enum: names },
      ),
    ],
  ]
  if (targets.length === 0) return parameters
  const relations = targets.map(({ name }) => name)
  const pattern = `^(${relations.join('|')})(\\.\\w+){0,${scope.limits.relationDepth - 1}}$`
  const list = relations.map(code).join(', ')
  const description = `Related rows to include in the answer: ${list}, and their own relations by dots; at most ${scope.limits.includes}.`
  parameters.push(['Include', commaList('include', description, { type: 'string', pattern }, scope.limits.includes)])
  for (const { name, target } of targets) {
    const fields = fieldsOf(target).map(({ field }) => field.name)
    const about = `The fields of an included ${code(name)}; all unless given.`
    parameters.push([`Fields${capital(name)}`, commaList(`fields[${name}]`, about, { type: 'string', enum: fields })])
  }
  return parameters
}

interface Target {
  readonly name: string
  readonly target: EntityView
}

function includable(scope: Scope, entity: EntityView): readonly Target[] {
  const toOne = fieldsOf(entity).flatMap(({ field }): readonly Target[] =>
    field.type.kind === 'ref' && entity.references.has(field.name)
      ? [{ name: field.name, target: viewOf(scope.view, field.type.entity) }]
      : [],
  )
  const toMany = [...entity.relations.values()].map((r): Target => ({ name: r.name, target: viewOf(scope.view, r.entity) }))
  return [...toOne, ...toMany]
}

function commaList(name: string, description: string, items: JsonSchema, maxItems?: number): JsonObject {
  const schema = { type: 'array', items, minItems: 1, ...(maxItems === undefined ? {} : { maxItems }) }
  return { name, in: 'query', description, style: 'form', explode: false, schema }
}

function sortParameter(entity: EntityView): JsonObject | null {
  const sortable = fieldsOf(entity)
    .map(({ field }) => field)
    .filter((field) => field.type.kind !== 'list' && SCALARS[storedScalar(field.type)].ordered)
  if (sortable.length === 0) return null
  const served = sortable.filter((field) => isIndexed(entity, field)).map((field) => code(field.name))
  const alone = served.length === 0 ? '' : ` Orders that an index serves: ${served.join(', ')}.`
  const names = sortable.flatMap((field) => [field.name, `-${field.name}`])
  const description = `Order of the rows, \`-\` for descending; by \`id\` unless given. An order has to be served by an index.${alone}`
  return commaList('sort', description, { type: 'string', enum: names })
}

/** One parameter per field, with its operators as properties: `filter[title][startsWith]=A` in the style `deepObject`. */
function filterParameter(scope: Scope, entity: EntityView, field: Field): JsonObject {
  const served = isIndexed(entity, field)
    ? ''
    : ' No index serves it: use it only with a search, or with a filter that sets an indexed field equal to a value.'
  const hasEq = field.type.kind !== 'list' && SCALARS[storedScalar(field.type)].comparable
  const short = hasEq ? ` ${code(`filter[${field.name}]=value`)} is short for ${code('eq')}.` : ''
  return {
    name: `filter[${field.name}]`,
    in: 'query',
    description: `Conditions on ${code(field.name)}.${short}${served}`,
    style: 'deepObject',
    explode: true,
    schema: conditionsOf(scope, field),
  }
}

/** Whether an index begins with the field, so that a condition or an order on it alone is served. */
function isIndexed(entity: EntityView, field: Field): boolean {
  if (field.name === 'id') return true
  const leading = [...entity.entity.uniques.map((u) => u.fields[0]), ...entityIndexes(entity.entity).map((i) => i.parts[0]?.field)]
  return leading.includes(field.name)
}
