/** F210: addresses that no document names, methods that an address does not have, and overrides of methods. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { strayHeaders } from '../everywhere/stray-headers.ts'
import { parametersOf, parametersOfBuiltIn } from '../everywhere/unknown-parameters.ts'
import { mutationByGet } from '../graphql-by-get.ts'
import { spelledAddresses } from '../guarded/spelled-addresses.ts'
import { unservedAddresses } from '../guarded/unserved-addresses.ts'
import { askGuarded, BROWSER, familyOf, isRefusal, type SecurityProbe } from '../probes.ts'
import { subAddresses } from '../sub-addresses.ts'
import { DEVELOPMENT_PATHS, USUAL_PATHS } from '../usual-paths.ts'

/** The claim that the backend answers only where its documents say. */
export function hiddenAddresses(asking: PlannedWorld): PlannedFamily {
  const { reference } = asking
  const { model } = reference
  const base = restBase(model)
  const own = new Set([base, ...model.entities.map(({ path }) => `${base}/${path}`)])
  // Routes of code and actions may stand at any address that the design chooses.
  const declared = new Set([
    ...(model.routes?.declared ?? []).map(({ path }) => path),
    ...model.actions.flatMap(({ address }) => (address === null ? [] : [address.path])),
  ])
  const paths = USUAL_PATHS.filter((path) => !own.has(path) && ![...declared].some((one) => one.startsWith(path)))
  const refused: (answer: { readonly status: number }) => boolean = ({ status }) => status === 404 || status === 405
  const why = 'no document names this address'
  const ofPaths = paths.map(
    (path): SecurityProbe => ({
      goal: `path${path}`,
      user: null,
      ask: (tools) =>
        askGuarded(tools, { method: 'GET', url: path, token: null }, { statuses: (status) => refused({ status }), why, check: () => null }),
    }),
  )
  const hidden = DEVELOPMENT_PATHS.filter((path) => !declared.has(path))
  const ofDevelopment = hidden.flatMap((path) =>
    Object.entries({ plain: {}, browser: BROWSER }).map(
      ([goal, headers]): SecurityProbe => ({
        goal: `development${path}/${goal}`,
        user: null,
        ask: (tools) =>
          askGuarded(
            tools,
            { method: 'GET', url: path, headers, token: null },
            { statuses: (status) => status === 404, why: 'only development has a page there', check: () => null },
          ),
      }),
    ),
  )
  return familyOf(
    {
      of: 'F210',
      entity: null,
      claim: 'The backend answers at no address that its documents do not name (OWASP API9).',
      text: `${paths.length} usual addresses, ${hidden.length} of development, parameters and headers with a meaning elsewhere, names and usual words below rows and lists, names of actions, jobs and other parts where the design has no address for them, methods that an address does not have, overrides of methods, and mutations of GraphQL by GET`,
    },
    [
      ...ofPaths,
      ...ofDevelopment,
      ...(model.served.graphql ? [explorer()] : []),
      ...parametersOfBuiltIn(model),
      ...strayHeaders(asking),
      spelledAddresses(model),
      ...unservedAddresses(asking),
      ...model.entities.flatMap((entity) => [
        ...methods(asking, entity),
        ...mutationByGet(asking, entity),
        ...parametersOf(asking, entity),
        ...subAddresses(asking, entity),
      ]),
    ],
  )
}

/** The page for writing documents, which only development has. */
function explorer(): SecurityProbe {
  return {
    goal: 'development/graphql/explorer',
    user: null,
    ask: (tools) =>
      askGuarded(
        tools,
        { method: 'GET', url: '/graphql', headers: { accept: 'text/html' }, token: null },
        {
          statuses: (status) => status === 406,
          why: 'in production, GraphQL answers 406 to a client that accepts only text/html',
          check: () => null,
        },
      ),
  }
}

function methods(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference } = asking
  const at = `${restBase(reference.model)}/${entity.path}`
  const deletion = requestAnswered(asking, { entity, verb: 'delete', statuses: [204] })
  const user = deletion?.user ?? null
  const row = deletion === null ? `${at}/x` : httpRequestOf(reference.model, deletion.request).url
  const overrides: readonly (readonly [string, SentOverHttp])[] = [
    ['override-header', { method: 'POST', url: row, headers: { 'x-http-method-override': 'DELETE' } }],
    ['override-method', { method: 'POST', url: row, headers: { 'x-method-override': 'DELETE' } }],
    ['override-query', { method: 'POST', url: `${row}?_method=DELETE` }],
    [
      'override-body',
      { method: 'POST', url: row, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '_method=DELETE' },
    ],
    ...(['PUT', 'DELETE', 'PROPFIND', 'SEARCH', 'TRACE', 'LINK'] as const).map(
      (method) => [`collection-${method}`, { method, url: at }] as const,
    ),
    ...(['POST', 'PROPFIND', 'TRACE', 'COPY', 'MOVE'] as const).map((method) => [`row-${method}`, { method, url: row }] as const),
  ]
  return overrides.map(([goal, sent]) => ({
    goal: `${entity.name}/${goal}`,
    user,
    ask: (tools) =>
      askGuarded(
        tools,
        { ...sent, token: tools.tokenOf(user) },
        {
          statuses: (status) => isRefusal(status),
          why: 'the address has no such method, and no other method stands for it',
          check: () => null,
        },
      ),
  }))
}
