/** F209 for the documents that a caller gets: OpenAPI and GraphQL name nothing that this caller can never use. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import type { KindOfCaller } from '../../expected/kind-of-caller.ts'
import type { ReferenceBackend } from '../../expected/reference.ts'
import type { AccessRule } from '../../expected/written-design.ts'
import { restName, schemaNamesOf } from '../../requests/graphql-words.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'

const WHY = 'in production, a document has only what its caller can use'
const DOCUMENT: SentOverHttp = { method: 'GET', url: '/openapi.json' }

/** A caller of each kind: one for each set of what may be done, read and written. */
function kindsOf({ reference, world }: PlannedWorld): readonly (string | null)[] {
  const { entities } = reference.model
  const said = (user: string | null): string => {
    const { kind } = reference.sightOf(user)
    const rules = ['read', 'create', 'update.from', 'delete'] as const
    return JSON.stringify(
      entities.map(({ name }) => [rules.map((rule) => kind.mayHold(name, rule)), [...kind.readable(name)], [...kind.writable(name)]]),
    )
  }
  return [...Map.groupBy([null, ...world.accounts], said).values()].map(([first = null]) => first)
}

/** The claim about the documents: one probe for each kind of caller. */
export function shownDocuments(asking: PlannedWorld): PlannedFamily {
  return familyOf(
    {
      of: 'F209',
      entity: null,
      about: 'documents',
      claim: 'No document names an operation, a field or an action that its caller can never use (OWASP API8).',
      text: 'the OpenAPI document and the GraphQL schema, as a caller of each kind',
      oracle: 'the rules of the design, of which this caller can never fulfil one',
    },
    probesOf(asking),
  )
}

function probesOf(asking: PlannedWorld): readonly SecurityProbe[] {
  const { reference } = asking
  return kindsOf(asking).map((user, i): SecurityProbe => {
    const { kind } = reference.sightOf(user)
    return {
      goal: user === null ? 'anonymous' : `account-${i}`,
      user,
      async ask(tools) {
        const outcome = { statuses: [200], why: WHY }
        const token = tools.tokenOf(user)
        const answer = await tools.send({ ...DOCUMENT, token })
        // What a contract says is for all callers.
        const isOwn = answer.status === 200 && typeof answer.json?.paths === 'object'
        const wrong = isOwn ? strangeInOpenapi(reference, kind, answer.json) : null
        if (wrong !== null || !hasApi(reference.model, 'graphql')) return { ...outcome, wrong, sent: DOCUMENT, answer }
        const sent = { method: 'POST', url: '/graphql', body: { query: INTROSPECTION } }
        const shown = await tools.send({ ...sent, token })
        return { ...outcome, wrong: strangeInGraphql(reference, kind, shown), sent, answer: shown }
      },
    }
  })
}

type Named = Readonly<Record<string, unknown>>

interface Shown {
  readonly paths: Readonly<Record<string, Named>>
  readonly components?: {
    readonly schemas?: Readonly<Record<string, { readonly properties?: Named }>>
    readonly parameters?: Readonly<
      Record<string, { readonly name?: string; readonly schema?: { readonly items?: { readonly enum?: readonly string[] } } }>
    >
  }
}

/** What each method at the address of a list, and of a row, needs. */
const NEEDED: Readonly<Record<'list' | 'row', Readonly<Record<string, readonly AccessRule[]>>>> = {
  list: { get: ['read'], head: ['read'], post: ['create'] },
  row: {
    ...{ get: ['read'], head: ['read'], delete: ['read', 'delete'] },
    ...{ patch: ['read', 'update.from', 'update.to'], put: ['read', 'update.from', 'update.to'] },
  },
}

function strangeInOpenapi({ model }: ReferenceBackend, kind: KindOfCaller, { paths, components = {} }: Shown): string | null {
  if (model.contract !== null) return null
  for (const entity of model.entities) {
    const at = `${restBase(model)}/${entity.path}`
    for (const [which, url] of [
      ['list', at],
      ['row', `${at}/{id}`],
    ] as const) {
      const closed = Object.keys(paths[url] ?? {}).find((method) => NEEDED[which][method]?.some((rule) => !kind.mayHold(entity.name, rule)))
      if (closed !== undefined) return `OpenAPI has ${closed.toUpperCase()} ${url}, which this caller can never use`
    }
    const strange = strangeMember(model.entities, entity, { kind, components })
    if (strange !== null) return strange
  }
  const action = model.actions.find(({ allowSource, address }) => {
    const isShown = Object.hasOwn(paths[address.path] ?? {}, address.method.toLowerCase())
    return (
      isShown && address.signed === null && allowSource !== null && !/\b(?:input|row|can)\b/.test(allowSource) && !kind.mayRun(allowSource)
    )
  })
  return action === undefined ? null : `OpenAPI has the action ${action.name}, which this caller can never call`
}

interface InDocument {
  readonly kind: KindOfCaller
  readonly components: NonNullable<Shown['components']>
}

/** A field in a schema or a parameter of an entity that does not exist for this caller. */
function strangeMember(entities: readonly Entity[], entity: Entity, { kind, components }: InDocument): string | null {
  const { name } = entity
  const own = new Set([...entity.fields, ...entity.derived].map((field) => field.name))
  const [readable, writable] = [kind.readable(name), kind.writable(name)]
  const isClosed = (member: string, open: ReadonlySet<string>): boolean => own.has(member) && !open.has(member)
  const longer = entities.filter((one) => one.name !== name && one.name.startsWith(name)).map((one) => one.name)
  const isOf = (component: string): boolean => component.startsWith(name) && !longer.some((one) => component.startsWith(one))
  const schemas: readonly (readonly [string, ReadonlySet<string>])[] = [
    [name, readable],
    [`${name}Create`, writable],
    [`${name}Update`, new Set([...writable, 'version'])],
    // A replacement may repeat what a read shows.
    [`${name}Replace`, new Set([...writable, ...readable])],
  ]
  for (const [schema, open] of schemas) {
    const member = Object.keys(components.schemas?.[schema]?.properties ?? {}).find((one) => isClosed(one, open))
    if (member !== undefined) return `OpenAPI has ${schema}.${member}, which this caller can never use`
  }
  for (const [component, parameter] of Object.entries(components.parameters ?? {}).filter(([one]) => isOf(one))) {
    const filtered = /^filter\[(\w+)\]$/.exec(parameter.name ?? '')?.[1]
    const listed = parameter.name === 'fields' ? (parameter.schema?.items?.enum ?? []) : []
    const member = [...(filtered === undefined ? [] : [filtered]), ...listed].find((one) => isClosed(one, readable))
    if (member !== undefined) return `OpenAPI has ${component} with ${member}, which this caller can never read`
  }
  return null
}

const INTROSPECTION = '{ __schema { types { name fields { name } inputFields { name } } } }'

interface ShownType {
  readonly name: string
  readonly fields: readonly { readonly name: string }[] | null
  readonly inputFields: readonly { readonly name: string }[] | null
}

function strangeInGraphql(reference: ReferenceBackend, kind: KindOfCaller, { status, json }: Answered): string | null {
  const types = json?.data?.__schema?.types as readonly ShownType[] | undefined
  if (status !== 200 || types === undefined) return null
  const byName = new Map(types.map((type) => [type.name, [...(type.fields ?? []), ...(type.inputFields ?? [])].map(({ name }) => name)]))
  for (const entity of reference.model.entities) {
    const names = schemaNamesOf({ reference }, entity)
    const own = [...entity.fields, ...entity.derived].map(({ name }) => name)
    const [readable, writable] = [kind.readable(entity.name), kind.writable(entity.name)]
    const open: readonly (readonly [string, ReadonlySet<string>])[] = [
      [entity.name, readable],
      ...(['Filter', 'OrderBy'] as const).map((part) => [String(names.types.get(part)), readable] as const),
      ...(['CreateInput', 'UpdateInput'] as const).map((part) => [String(names.types.get(part)), writable] as const),
    ]
    for (const [type, shown] of open) {
      const closed = (byName.get(type) ?? []).find((member) => {
        const name = restName(names, member)
        return own.includes(name) && !shown.has(name)
      })
      if (closed !== undefined) return `GraphQL has ${type}.${closed}, which this caller can never use`
    }
  }
  return null
}
