/** F100 for versions: numbers of many lengths in each place that names the version of a row. None of them is the version of any row. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { type RowVerb, requestAnswered } from '../../cases/usual-request.ts'
import { type BodyValues, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { actionRequest, whyNoRequest } from '../../requests/action-request.ts'
import { idScalarName, inputValues, schemaNamesOf } from '../../requests/graphql-words.ts'
import { idVariable } from '../../requests/transport-graphql.ts'
import type { SecurityProbe } from '../probes.ts'
import { sending } from '../sending.ts'

const LENGTHS = [10, 15, 16, 17, 18, 19, 20, 21, 22, 25, 31, 38, 39, 40, 64, 99]

/** Whole numbers, also beyond what any type of PostgreSQL or JavaScript holds. */
const WHOLE = [
  ...LENGTHS.flatMap((digits) => ['9'.repeat(digits), `1${'0'.repeat(digits - 1)}`]),
  ...['2147483648', '9007199254740993', '9223372036854775807', '9223372036854775808', '18446744073709551616', '0', '-1'],
  `-${'9'.repeat(20)}`,
]

/** Numbers that JSON and GraphQL know. */
const NUMBERS = [...WHOLE, '1e19', '1e40', '1E+400', '1e-400', '123456789012345678.5']

/** Texts that look like numbers. */
const LIKE_NUMBERS = [...NUMBERS, ...[19, 20, 40].map((digits) => `${'0'.repeat(digits - 1)}7`), '0x7fffffffffffffff', 'NaN', '+1e19', '１']

/** The ways in which `If-Match` can name a version: an ETag, the version alone, a weak tag, several tags, and no tag at all. */
const TAGS: readonly ((version: string) => string)[] = [
  (version) => `"${version}"`,
  (version) => `"${version}.AAAAAAAAAAA"`,
  (version) => `W/"${version}"`,
  (version) => `"${version}", "${version}.A"`,
  (version) => version,
]

const latin = (text: string): string => Buffer.from(text).toString('latin1')

/**
 * The probes about the versions of rows of an entity. After each of them, no row may have changed.
 *
 * @param forms whether changes and deletes are asked too. They are the same for all entities, so one entity is enough.
 */
export function hostileVersions(asking: PlannedWorld, entity: Entity, forms: boolean): readonly SecurityProbe[] {
  return [
    ...(forms ? [...WRITES.flatMap((verb) => ofWrite(asking, entity, verb)), ...inGraphql(asking, entity)] : []),
    ...ofActions(asking, entity),
    ...ofFiles(asking, entity),
  ]
}

const WRITES = ['update', 'replace', 'delete'] as const satisfies readonly RowVerb[]

function tagged(sent: SentOverHttp): readonly SentOverHttp[] {
  return LIKE_NUMBERS.flatMap((version) => TAGS.map((tag) => ({ ...sent, headers: { ...sent.headers, 'if-match': latin(tag(version)) } })))
}

/** A write that the caller may do: with `If-Match`, with `ifMatch` of a transaction, and with a version in its body. */
function ofWrite(asking: PlannedWorld, entity: Entity, verb: (typeof WRITES)[number]): readonly SecurityProbe[] {
  const { model } = asking.reference
  const found = requestAnswered(asking, { entity, verb, statuses: [200, 204] })
  if (found === null) return []
  const { user, request } = found
  const sent = httpRequestOf(model, request)
  const operation = { method: sent.method, path: sent.url, ...(sent.body === undefined ? {} : { body: sent.body }) }
  const url = `${restBase(model)}/transaction`
  const inTransaction = LIKE_NUMBERS.flatMap((version, i) =>
    [TAGS[i % TAGS.length] as (typeof TAGS)[number], (one: string) => `"${one}"`].map(
      (tag): SentOverHttp => ({ method: 'POST', url, body: { operations: [{ ...operation, ifMatch: tag(version) }] } }),
    ),
  )
  const bodies =
    request.kind !== 'update'
      ? []
      : NUMBERS.flatMap((version): readonly SentOverHttp[] => {
          const body = withVersion(request.body, version)
          const { body: _, ...rest } = operation
          return [
            { ...sent, body },
            { method: 'POST', url, body: `{"operations":[${JSON.stringify(rest).slice(0, -1)},"body":${body}}]}` },
          ]
        })
  return [
    sending({ goal: `${verb}/versions`, user, requests: tagged(sent) }),
    ...(hasApi(model, 'transaction') ? [sending({ goal: `${verb}/versions-transaction`, user, requests: inTransaction })] : []),
    ...(bodies.length === 0 ? [] : [sending({ goal: `${verb}/versions-body`, user, requests: bodies })]),
  ]
}

/** The JSON of a body with a version as it is written here. */
function withVersion(body: BodyValues, version: string): string {
  const others = Object.entries(body).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
  return `{${[...others, `"version":${version}`].join(',')}}`
}

/** Actions of a row that write. */
function ofActions(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference, world } = asking
  const [row] = reference.rows().get(entity.name) ?? []
  if (row === undefined) return []
  return reference.model.actions.flatMap((action): readonly SecurityProbe[] => {
    if (action.entity !== entity.name || action.address.method === 'GET' || whyNoRequest(reference, action) !== null) return []
    const call = actionRequest(reference, { action, row, n: 1 })
    return call === null
      ? []
      : [sending({ goal: `action-${action.name}/versions`, user: world.accounts[0] ?? null, requests: tagged(call.sent) })]
  })
}

/** Sending and removing files. */
function ofFiles(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const found = requestAnswered(asking, { entity, verb: 'update', statuses: [200] })
  if (found?.request.kind !== 'update') return []
  const { id } = found.request
  const at = `${restBase(asking.reference.model)}/${entity.path}/${encodeURIComponent(id)}`
  return entity.fields
    .filter(({ type }) => type.kind === 'file')
    .map(({ name }) => {
      const url = `${at}/${encodeURIComponent(name)}`
      const put: SentOverHttp = { method: 'PUT', url, headers: { 'content-type': 'application/octet-stream' }, body: 'a text' }
      return sending({ goal: `file-${name}/versions`, user: found.user, requests: [...tagged(put), ...tagged({ method: 'DELETE', url })] })
    })
}

/** `ifVersion` of changes and deletes, in the document and as a variable. */
function inGraphql(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference } = asking
  if (!hasApi(reference.model, 'graphql')) return []
  const names = schemaNamesOf({ reference }, entity)
  return (['update', 'delete'] as const).flatMap((verb): readonly SecurityProbe[] => {
    const found = requestAnswered(asking, { entity, verb, statuses: [200, 204] })
    if (found === null || found.request.kind === 'create' || found.request.kind === 'list') return []
    const { request, user } = found
    const input = request.kind === 'update' ? inputValues(entity, request.body) : null
    const declared = `$id: ${idScalarName(entity)}!${input === null ? '' : `, $input: ${names.types.get('UpdateInput')}!`}`
    const given = `id: $id${input === null ? '' : ', input: $input'}`
    const values = { id: idVariable(idScalarName(entity), request.id), ...(input === null ? {} : { input }) }
    const query = (version: string, more = ''): string =>
      `mutation (${declared}${more}) { ${names[verb]}(${given}, ifVersion: ${version}) { id } }`
    const requests = NUMBERS.flatMap((version): readonly SentOverHttp[] => [
      { method: 'POST', url: '/graphql', body: { query: query(version), variables: values } },
      {
        method: 'POST',
        url: '/graphql',
        body: `{"query":${JSON.stringify(query('$version', ', $version: SafeInt'))},"variables":${withVersion(values, version)}}`,
      },
    ])
    return [sending({ goal: `${verb}/versions-graphql`, user, requests })]
  })
}
