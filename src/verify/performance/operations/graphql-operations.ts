/** The operations of GraphQL that a load may measure: a page of rows, a row with a related one, and a create. */

import { payloadMember } from '../../../compile/graphql/mutations.ts'
import { type GraphqlNames, graphqlNames } from '../../../compile/graphql/names.ts'
import { type Entity, entityNamed, type Model } from '../../../model/model.ts'
import { isAlways } from '../../../model/predicate.ts'
import { idScalarName, inputValues } from '../../requests/graphql-words.ts'
import { sampleRow } from '../../samples.ts'
import { GRAPHQL_PATH } from '../load/connection.ts'
import { type LoadOperation, type MadeRequest, type SampledRow, WEIGHTS } from './load-operations.ts'

/** The most that are measured. */
export const MOST_GRAPHQL = 3
/** Rows of a page, and of a relation of each row. */
const FIRST = 20
const RELATED = 5

/** Operations of all entities, those for which the design expects most rows first. */
export function graphqlOperations(model: Model): readonly LoadOperation[] {
  if (!model.served.graphql) return []
  const { of } = graphqlNames(model)
  return model.entities
    .toSorted((a, b) => (model.targets.rows.get(b.name) ?? 0) - (model.targets.rows.get(a.name) ?? 0))
    .flatMap((entity) => operationsOf(model, entity, of))
}

type NamesOf = GraphqlNames['of']
type Names = ReturnType<NamesOf>

function operationsOf(model: Model, entity: Entity, of: NamesOf): readonly LoadOperation[] {
  const names = of(entity)
  const shown = membersOf(entity, names)
  const related = relatedOf(model, entity, of)
  const scalar = idScalarName(entity)
  const read = { entity, kind: 'read', weight: WEIGHTS.read } as const
  const list = `{ ${names.many}(first: ${FIRST}) { nodes { ${shown} } } }`
  const one = `query ($id: ${scalar}!) { ${names.one}(id: $id) { ${shown}${related === null ? '' : ` ${related.text}`} } }`
  const input = names.types.get('CreateInput')
  const create = `mutation ($input: ${input}!) { ${names.create}(input: $input) { ${payloadMember(names)} { id } } }`
  return [
    {
      ...{ ...read, id: `${entity.name}.graphql-list`, what: `POST ${GRAPHQL_PATH} ${names.many}`, ofRow: false },
      ...{ isServed: hasField(names.many), request: () => document(list, {}) },
    },
    {
      ...{ ...read, id: `${entity.name}.graphql-get`, ofRow: true, isServed: hasField(names.one) },
      what: `POST ${GRAPHQL_PATH} ${names.one}${related === null ? '' : ` with ${related.name}`}`,
      request: (row) => document(one, { id: scalar === 'SafeInt' ? Number(row.id) : row.id }),
    },
    {
      ...{ entity, kind: 'write', ofRow: false, id: `${entity.name}.graphql-create`, what: `POST ${GRAPHQL_PATH} ${names.create}` },
      weight: entity.name === model.identity?.entity ? WEIGHTS.account : WEIGHTS.write,
      isServed: hasField(names.create),
      request: (_, n, rowOf) => {
        const body = createBody(model, entity, { n, rowOf })
        return body === null ? null : document(create, { input: inputValues(entity, body) })
      },
    },
  ]
}

function document(query: string, variables: Readonly<Record<string, unknown>>): MadeRequest {
  return { method: 'POST', path: GRAPHQL_PATH, body: JSON.stringify({ query, variables }) }
}

/** Whether an answer has the field, and no error. */
function hasField(field: string): (text: string) => boolean {
  return (text) => {
    try {
      const answer = JSON.parse(text) as { readonly errors?: unknown; readonly data?: Readonly<Record<string, unknown>> | null }
      return answer.errors === undefined && answer.data?.[field] != null
    } catch {
      return false
    }
  }
}

/** The id, and what everybody may read. */
function membersOf(entity: Entity, names: Names): string {
  const open = entity.fields.filter(({ type, read }) => isAlways(read) && type.kind !== 'password' && type.kind !== 'file')
  const plain = open.map(({ name, type }) => (type.kind === 'ref' ? names.ids.get(name) : names.members.get(name)))
  return [...new Set(['id', ...plain.filter((name) => name !== undefined)])].join(' ')
}

/** The first rows of the first relation, or the row of the first reference; null without both. */
function relatedOf(model: Model, entity: Entity, of: NamesOf): { readonly name: string; readonly text: string } | null {
  const [relation] = entity.relations
  const reference = entity.fields.find(({ type, read }) => type.kind === 'ref' && isAlways(read))
  const name = relation?.name ?? reference?.name
  const member = name === undefined ? undefined : of(entity).members.get(name)
  const target = relation?.entity ?? (reference?.type.kind === 'ref' ? reference.type.entity : undefined)
  if (member === undefined || target === undefined) return null
  const inner = membersOf(entityNamed(model, target), of(entityNamed(model, target)))
  return { name: member, text: relation === undefined ? `${member} { ${inner} }` : `${member}(first: ${RELATED}) { nodes { ${inner} } }` }
}

interface Making {
  readonly n: number
  readonly rowOf: (entity: string) => SampledRow | undefined
}

/** A row with ids of rows that exist; null where it needs one that does not. */
function createBody(model: Model, entity: Entity, { n, rowOf }: Making): Readonly<Record<string, unknown>> | null {
  let hasAll = true
  const body = sampleRow(model, entity, {
    ...{ n, operation: 'create' },
    idOf: (target) => {
      const id = rowOf(target.name)?.id ?? null
      if (id === null) hasAll = false
      return id ?? ''
    },
  })
  return hasAll && body !== undefined ? (body as Readonly<Record<string, unknown>>) : null
}
