/** F210: parameters that mean something elsewhere, and that no document of this backend names. */

import { compile } from '../../../compile/compile.ts'
import { restBase } from '../../../model/address/served.ts'
import type { Entity, Model } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { readerOf, type SecurityProbe } from '../probes.ts'

/** Names with a meaning in other systems: scripts of another origin, other forms, details for developers, other methods. */
const PARAMETERS: readonly (readonly [name: string, value: string])[] = [
  ...(['callback', 'jsonp', 'cb'] as const).map((name) => [name, 'show'] as const),
  ['format', 'xml'],
  ['_format', 'html'],
  ['output', 'csv'],
  ['alt', 'media'],
  ['pretty', 'true'],
  ['debug', 'true'],
  ['trace', 'true'],
  ['_method', 'DELETE'],
]
const WHY = 'no document names this parameter, so it is refused or changes nothing'

interface Place {
  readonly goal: string
  readonly user: string | null
  readonly url: string
  /** Whether two answers without a write between them have the same body. */
  readonly isSteady: boolean
}

/** The list and a row of an entity. */
export function parametersOf(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { model } = asking.reference
  const list = `${restBase(model)}/${entity.path}`
  const shown = requestAnswered(asking, { entity, verb: 'get', statuses: [200] })
  const row = shown?.request.kind === 'get' ? shown.request.id : null
  const places: readonly Place[] = [
    { goal: `${entity.name}/list-parameters`, user: readerOf(asking, entity), url: list, isSteady: true },
    ...(row === null
      ? []
      : [{ goal: `${entity.name}/row-parameters`, user: shown?.user ?? null, url: `${list}/${row}`, isSteady: true } as const]),
  ]
  return places.map((place) => probeOf(model, place))
}

/** The addresses that every backend has. */
export function parametersOfBuiltIn(model: Model): readonly SecurityProbe[] {
  const places: readonly Place[] = [
    { goal: 'document-parameters', user: null, url: '/openapi.json', isSteady: true },
    { goal: 'health-parameters', user: null, url: '/health/live', isSteady: false },
    ...(model.served.graphql
      ? [{ goal: 'graphql-parameters', user: null, url: `/graphql?query=${encodeURIComponent('{ __typename }')}`, isSteady: true } as const]
      : []),
  ]
  return places.map((place) => probeOf(model, place))
}

function probeOf(model: Model, { goal, user, url, isSteady }: Place): SecurityProbe {
  const documented = documentedParameters(model)
  return {
    goal,
    user,
    async ask({ send, tokenOf }) {
      const token = tokenOf(user)
      const usual = await send({ method: 'GET', url, token })
      let last = { sent: { method: 'GET', url } as const, answer: usual }
      for (const [name, value] of PARAMETERS.filter(([name]) => !documented.has(name))) {
        const sent = { method: 'GET', url: `${url}${url.includes('?') ? '&' : '?'}${name}=${value}` } as const
        const answer = await send({ ...sent, token })
        last = { sent, answer }
        const wrong = differenceOf(usual, answer, isSteady)
        if (wrong !== null) return { wrong, statuses: [400, usual.status], why: WHY, ...last }
      }
      return { wrong: null, statuses: [400, usual.status], why: WHY, ...last }
    },
  }
}

/** What an unknown parameter changed; null if it was refused or changed nothing. */
function differenceOf(usual: Answered, answer: Answered, isSteady: boolean): string | null {
  if (answer.status === 400) return null
  if (answer.status !== usual.status) return `status ${answer.status}, and ${usual.status} without the parameter`
  const [type, usualType] = [answer, usual].map(({ headers }) => String(headers['content-type'] ?? ''))
  if (type !== usualType) return `the answer is ${type}, and ${usualType} without the parameter`
  // Each refusal has a trace id of its own.
  return isSteady && answer.status < 400 && answer.text !== usual.text ? 'the body is another one than without the parameter' : null
}

/** The names of all parameters in the query that the OpenAPI document describes, by model. */
const described = new WeakMap<Model, ReadonlySet<string>>()

function documentedParameters(model: Model): ReadonlySet<string> {
  const known = described.get(model) ?? namesIn(JSON.parse(compile(model).openapi('all')))
  described.set(model, known)
  return known
}

interface Documented {
  readonly paths: Readonly<Record<string, object>>
  readonly components?: { readonly parameters?: Readonly<Record<string, object>> }
}

function namesIn({ paths, components }: Documented): ReadonlySet<string> {
  const operations = Object.values(paths).flatMap((path) => Object.values(path) as { readonly parameters?: readonly object[] }[])
  const parameters = [...operations.flatMap(({ parameters = [] }) => parameters), ...Object.values(components?.parameters ?? {})]
  return new Set(parameters.flatMap((one) => ('name' in one && 'in' in one && one.in === 'query' ? [String(one.name)] : [])))
}
