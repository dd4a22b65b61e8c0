/** F209: requests that provoke errors. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeRequest } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { databaseRefusals } from '../database-refusals.ts'
import { guessedNames } from '../guarded/guessed-names.ts'
import { leakIn } from '../leaks.ts'
import { askGuarded, familyOf, isRefusal, readerOf, type SecurityProbe } from '../probes.ts'

/** Fields by which lists are sorted and filtered. */
const MOST_FIELDS = 12

/** The claim that no error shows more than its message. @param names of constraints and indexes. */
export function provokedErrors(asking: PlannedWorld, entity: Entity, names: readonly string[]): PlannedFamily {
  const { reference } = asking
  const at = `${restBase(reference.model)}/${entity.path}`
  const user = readerOf(asking, entity)
  const json = { 'content-type': 'application/json' }
  const id = String((reference.rows().get(entity.name) ?? [])[0]?.id ?? 'x')
  const create = requestAnswered(asking, { entity, verb: 'create', statuses: [201] })
  const usual = create === null ? null : httpRequestOf(reference.model, create.request)
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`
  const requests: Readonly<Record<string, SentOverHttp>> = {
    'id-malformed': { method: 'GET', url: `${at}/not-an-id` },
    'id-nul': { method: 'GET', url: `${at}/%00` },
    'id-percent': { method: 'GET', url: `${at}/%zz` },
    'id-utf8': { method: 'GET', url: `${at}/%ff%fe` },
    'id-dots': { method: 'GET', url: `${at}/..%2f..%2fetc%2fpasswd` },
    'id-huge': { method: 'GET', url: `${at}/${'9'.repeat(400)}` },
    'parameter-unknown': { method: 'GET', url: `${at}?nothing=1` },
    'parameter-twice': { method: 'GET', url: `${at}?sort=id&sort=id` },
    'page-negative': { method: 'GET', url: `${at}?page[size]=-1` },
    'page-huge': { method: 'GET', url: `${at}?page[size]=99999999999999999999` },
    'page-text': { method: 'GET', url: `${at}?page[size]=1e400` },
    'cursor-broken': { method: 'GET', url: `${at}?page[after]=AAAA` },
    'filter-operator': { method: 'GET', url: `${at}?filter[id][like]=1` },
    'filter-type': { method: 'GET', url: `${at}?filter[version][gt]=one` },
    'filter-overflow': { method: 'GET', url: `${at}?filter[version][gt]=99999999999999999999999` },
    'filter-syntax': { method: 'GET', url: `${at}?filter=${encodeURIComponent('a ==== b((')}` },
    'filter-deep': { method: 'GET', url: `${at}?filter=${encodeURIComponent('('.repeat(500))}` },
    'sort-unknown': { method: 'GET', url: `${at}?sort=nothing` },
    'include-unknown': { method: 'GET', url: `${at}?include=a.b.c.d.e` },
    'query-broken': { method: 'GET', url: `${at}?filter[=]&&&%` },
    'body-broken': { method: 'POST', url: at, headers: json, body: '{"a":' },
    'body-text': { method: 'POST', url: at, headers: json, body: '"text"' },
    'body-null': { method: 'POST', url: at, headers: json, body: 'null' },
    'body-deep': { method: 'POST', url: at, headers: json, body: deep },
    'body-numbers': { method: 'POST', url: at, headers: json, body: '{"version":1e999}' },
    'body-prototype': { method: 'POST', url: at, headers: json, body: '{"__proto__":{"x":1},"constructor":1}' },
    'body-list': { method: 'POST', url: at, headers: json, body: '[null,1,"x",[]]' },
    'body-xml': {
      method: 'POST',
      url: at,
      headers: { 'content-type': 'application/xml' },
      body: '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    },
    'patch-empty': { method: 'PATCH', url: `${at}/${id}`, headers: json, body: '' },
    'patch-types': {
      method: 'PATCH',
      url: `${at}/${id}`,
      headers: json,
      body: JSON.stringify(Object.fromEntries(entity.fields.map(({ name }) => [name, { a: [] }]))),
    },
    'match-broken': { method: 'DELETE', url: `${at}/${id}`, headers: { 'if-match': '"not a version"' } },
    'key-broken': { method: 'POST', url: at, headers: { ...json, 'idempotency-key': '\u00ff'.repeat(300) }, body: '{}' },
    'method-unknown': { method: 'PROPFIND', url: at },
    'debug-asked': {
      method: 'GET',
      url: `${at}/not-an-id`,
      headers: { 'x-debug': '1', 'x-forwarded-for': '127.0.0.1', accept: 'text/html' },
    },
    'accept-broken': { method: 'GET', url: at, headers: { accept: ';;;/' } },
    'transaction-broken': {
      method: 'POST',
      url: `${restBase(reference.model)}/transaction`,
      headers: json,
      body: '{"operations":[{"a":1}]}',
    },
    ...(usual === null ? {} : { 'reference-missing': spoiled(entity, usual) }),
    ...(reference.model.served.graphql
      ? {
          'graphql-syntax': { method: 'POST', url: '/graphql', headers: json, body: JSON.stringify({ query: '{ a(' }) },
          'graphql-field': {
            method: 'POST',
            url: '/graphql',
            headers: json,
            body: JSON.stringify({ query: '{ nothingOfThisName { id } }' }),
          },
          'graphql-variables': {
            method: 'POST',
            url: '/graphql',
            headers: json,
            body: JSON.stringify({ query: 'query a($x: Int!) { __typename }', variables: { x: 'y' } }),
          },
        }
      : {}),
  }
  // Without an index, these are refused.
  const lists = entity.fields.slice(0, MOST_FIELDS).flatMap(({ name }): readonly (readonly [string, SentOverHttp])[] => [
    [`sort-by-${name}`, { method: 'GET', url: `${at}?sort=${name}` }],
    [`filter-by-${name}`, { method: 'GET', url: `${at}?filter[${name}][ne]=1` }],
  ])
  const probes = [...Object.entries(requests), ...lists].map(
    ([goal, sent]): SecurityProbe => ({
      goal,
      user,
      ask: (tools) =>
        askGuarded(tools, { ...sent, token: tools.tokenOf(user) } satisfies ProbeRequest, {
          // GraphQL answers 200 with errors; a list answers 200 to a header that it cannot read.
          statuses: (status) => isRefusal(status) || status === 200,
          why: 'a wrong request is refused, and the answer says only what is wrong with it',
          check: (answer) => leakIn(answer, names),
        }),
    }),
  )
  return familyOf(
    {
      of: 'F209',
      entity: entity.name,
      claim: `No error about ${entity.name} shows paths, stacks, SQL or names of the database (OWASP API8).`,
      text: 'requests that provoke errors, in production mode; signs of leaks, and all names of tables, columns, constraints and indexes that the design does not have',
    },
    [...probes, ...databaseRefusals(asking, entity, names), ...guessedNames(asking, entity)],
  )
}

/** A create with references to rows that do not exist. */
function spoiled(entity: Entity, usual: SentOverHttp): SentOverHttp {
  const body = usual.body as Readonly<Record<string, unknown>>
  const references = entity.fields.filter(({ name, type }) => type.kind === 'ref' && Object.hasOwn(body, name)).map(({ name }) => name)
  return {
    ...usual,
    body: { ...body, ...Object.fromEntries(references.map((name) => [name, '01900000-0000-7000-8000-0000000fffff'])), nothing: 1 },
  }
}
