/** F100: no request leads to an error of the server, whatever its JSON, numbers, headers and cursors are. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity, Field } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered, type UsualRequest } from '../../cases/usual-request.ts'
import { type BodyValues, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { hostileParameters } from '../doors/hostile-parameters.ts'
import { hostileForms } from '../doors/refused-uploads.ts'
import { hostileSignIn } from '../everywhere/hostile-sign-in.ts'
import { hostileVersions } from '../everywhere/hostile-versions.ts'
import { strayReferences } from '../everywhere/stray-references.ts'
import { fileRanges } from '../guarded/file-ranges.ts'
import { hostileQueries } from '../guarded/hostile-queries.ts'
import { DOCUMENTS, HUGE, headerRequests, PLACED_TEXTS, RAW } from '../hostile-texts.ts'
import { limitsTogether, sendableNames } from '../limits-together.ts'
import { familyOf, readerOf, type SecurityProbe } from '../probes.ts'
import { sending } from '../sending.ts'
import { graphqlProbe, transactionProbe } from './hostile-documents.ts'

/**
 * The claim about requests for an entity.
 *
 * @param forms whether malformed requests are sent too. They do not depend on the entity, so one entity is enough.
 */
export function hostileInput(asking: PlannedWorld, entity: Entity, { forms }: { readonly forms: boolean }): PlannedFamily {
  return familyOf(
    {
      of: 'F100',
      entity: entity.name,
      claim: `No request for ${entity.name} leads to an error of the server (OWASP API8).`,
      text: 'JSON that is deep, doubled, broken or of another type in each field; numbers of 20 digits in bodies, ids, filters and pages, and of 1 to 99 digits in versions; references between operations that lead nowhere; cursors that were changed; unusual headers; parts of files; words of searches and cursors with characters that no column holds; forms of uploads that are cut or malformed',
      oracle: 'a status below 500 and no defect in the log; a refusal with a body is JSON',
    },
    [
      ...readProbes(asking, entity),
      ...bodyProbes(asking, entity, forms),
      ...(forms
        ? [
            ...formProbes(asking, entity),
            ...graphqlProbe(asking, entity),
            ...strayReferences(asking, entity),
            ...hostileQueries(asking, entity),
          ]
        : []),
      ...hostileVersions(asking, entity, forms),
      ...hostileSignIn(asking, entity),
      ...hostileParameters(asking, entity, forms),
      ...hostileForms(asking, entity),
      ...fileRanges(asking, entity),
    ],
  )
}

const put = encodeURIComponent

function isNumeric({ type }: Field): boolean {
  return type.kind === 'scalar' && ['integer', 'number', 'decimal'].includes(type.scalar)
}

function readProbes(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { model } = asking.reference
  const at = `${restBase(model)}/${entity.path}`
  const user = readerOf(asking, entity)
  const get = (url: string): SentOverHttp => ({ method: 'GET', url })
  const numbers = ['version', ...entity.fields.filter(isNumeric).map(({ name }) => name)]
  const fields = entity.fields.map(({ name }) => name)
  return [
    sending({ goal: 'ids', user, requests: [...HUGE, ...PLACED_TEXTS].map((id) => get(`${at}/${put(id)}`)) }),
    sending({
      goal: 'filters',
      user,
      requests: [
        ...fields.flatMap((name) =>
          ['99999999999999999999', ...PLACED_TEXTS].map((value) => get(`${at}?filter[${name}][eq]=${put(value)}`)),
        ),
        ...numbers.flatMap((name) =>
          HUGE.flatMap((value) => [
            get(`${at}?filter[${name}][in]=${value},${value}`),
            get(`${at}?filter=${put(`${name} > ${value}`)}`),
            get(`${at}?filter=${put(`${name} + ${value} > 1`)}`),
          ]),
        ),
        ...fields.map((name) => get(`${at}?filter[${name}][in]=`)),
        ...fields.map((name) => get(`${at}?filter[${name}.${name}][eq]=1`)),
      ],
    }),
  ]
}

/** Pages, cursors and headers, which mean the same for all entities. */
function formProbes(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const at = `${restBase(asking.reference.model)}/${entity.path}`
  const user = readerOf(asking, entity)
  const get = (headers: Readonly<Record<string, string>>): SentOverHttp => ({ method: 'GET', url: at, headers })
  return [
    sending({
      goal: 'pages',
      user,
      requests: ['page[size]', 'page[after]', 'page', 'count', 'sort', 'search', 'fields', 'include'].flatMap((name) =>
        PLACED_TEXTS.map((value) => ({ method: 'GET', url: `${at}?${name}=${put(value)}` })),
      ),
    }),
    sending({ goal: 'cursors', user, requests: (tools) => cursors(tools, { at, user }) }),
    sending({
      goal: 'headers',
      user,
      requests: [
        ...['', '*', '*/*;q=2', 'text/html;charset=utf-16', ';;;', 'a'.repeat(4_000), 'application/json;'].map((accept) => get({ accept })),
        ...['"', 'W/', 'W/"x', '"99999999999999999999"', '""', '*, *', '"a","b"', 'a'.repeat(4_000)].map((tag) =>
          get({ 'if-none-match': tag }),
        ),
        ...['bytes=0-1', 'bytes=-99999999999999999999', 'x'].map((range) => get({ range })),
        ...['', 'null', 'http://', 'http://a b', 'file:///etc/passwd', 'a'.repeat(3_000)].map((origin) => get({ origin })),
        ...['00', '00-0-0-0', 'ff-ffffffffffffffffffffffffffffffff-ffffffffffffffff-00', '€'].map((traceparent) =>
          get({ traceparent: Buffer.from(traceparent).toString('latin1') }),
        ),
        ...['=', ';;', 'a=b=c;=;', '__proto__=1; constructor=2'].map((cookie) => get({ cookie })),
        get({
          'x-request-id': 'a'.repeat(3_000),
          'x-forwarded-for': ',,,',
          forwarded: 'for=;;;',
          prefer: '=;=',
          'accept-encoding': 'gzip;q=x,,',
          'accept-language': '-'.repeat(500),
        }),
      ],
    }),
  ]
}

/** Cursors that the backend gave, changed; and texts that look like one. */
async function cursors(
  { send, tokenOf }: ProbeTools,
  { at, user }: { readonly at: string; readonly user: string | null },
): Promise<readonly SentOverHttp[]> {
  const { json } = await send({ method: 'GET', url: `${at}?page[size]=1`, token: tokenOf(user) })
  const given = typeof json?.page?.next === 'string' ? (json.page.next as string) : null
  const coded = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
  const [plain, ...changed] =
    given === null
      ? ['']
      : [given, given.slice(1), given.slice(0, -1), `${given}A`, `A${given}`, given.toUpperCase(), [...given].reverse().join('')]
  const inside = Buffer.from(plain, 'base64url').toString('latin1')
  const inner =
    given === null
      ? []
      : [
          inside.replace(/[0-9a-f]{8}/, 'zzzzzzzz'),
          inside.replace(/\d+/, '99999999999999999999'),
          inside.replace(/"/g, ''),
          inside.replace(/\[|\]/g, ''),
          `${inside}${inside}`,
        ].map((text) => Buffer.from(text, 'latin1').toString('base64url'))
  const made = [
    [],
    {},
    null,
    1,
    '',
    '[',
    '[[',
    [null],
    [null, null],
    [1],
    ['x'],
    [{}],
    ['x', 'y', 'z'],
    { id: {} },
    [1e308],
    '\u0000',
    '[1e400]',
    `${'['.repeat(2_000)}`,
  ].map(coded)
  return [...changed, ...inner, ...made].map((cursor) => ({ method: 'GET', url: `${at}?page[after]=${encodeURIComponent(cursor)}` }))
}

function bodyProbes(asking: PlannedWorld, entity: Entity, forms: boolean): readonly SecurityProbe[] {
  const { reference } = asking
  const { model } = reference
  const create = requestAnswered(asking, { entity, verb: 'create', statuses: [201] })
  const update = requestAnswered(asking, { entity, verb: 'update', statuses: [200] })
  const bodyOf = (one: UsualRequest | null): BodyValues =>
    one?.request.kind === 'create' ? (one.request.rows[0] ?? {}) : one?.request.kind === 'update' ? one.request.body : {}
  const of = (verb: 'create' | 'update', one: UsualRequest | null): readonly SecurityProbe[] => {
    if (one === null) return []
    const sent = httpRequestOf(model, one.request)
    const body = bodyOf(one)
    // Hashing a password takes long, and is not what is asked here.
    const names = entity.fields
      .filter(({ name, type }) => type.kind !== 'password' && (verb === 'create' ? Object.hasOwn(body, name) : true))
      .map(({ name }) => name)
    const withRaw = (name: string, raw: string): SentOverHttp => ({ ...sent, body: rawBody(body, name, raw) })
    const isCostly = verb === 'create' && entity.fields.some(({ type }) => type.kind === 'password')
    const raws = [...RAW, ...(isCostly ? [] : ['99999999999999999999', '1e308', '-0', '0.1e-400'])]
    const { user } = one
    const types = (requests: readonly SentOverHttp[]) => sending({ goal: `${verb}/types`, user, requests, mayWrite: true })
    const sendable = sendableNames(entity, reference.sightOf(user).kind.writable(entity.name), verb)
    const atLimits = limitsTogether(reference.design.entities[entity.name], body, sendable).map((changed) => ({ ...sent, body: changed }))
    return [
      ...(names.length === 0 ? [] : [types(names.flatMap((name) => raws.map((raw) => withRaw(name, raw))))]),
      ...(atLimits.length === 0 ? [] : [sending({ goal: `${verb}/limits-together`, user, requests: atLimits, mayWrite: true })]),
      ...(forms ? formsOf(verb, user, sent) : []),
    ]
  }
  const one = create ?? update
  return [...of('create', create), ...of('update', update), ...(forms && one !== null ? [transactionProbe(asking, one)] : [])]
}

/** Whole bodies and headers. An empty body is valid where all fields may be missing. */
function formsOf(verb: 'create' | 'update', user: string | null, sent: SentOverHttp): readonly SecurityProbe[] {
  return [
    sending({ goal: `${verb}/json`, user, requests: DOCUMENTS.map((text) => ({ ...sent, body: text })), mayWrite: true }),
    sending({ goal: `${verb}/headers`, user, requests: headerRequests(sent), mayWrite: true }),
  ]
}

/** The JSON of a body in which one value is written as it stands here. */
function rawBody(body: BodyValues, name: string, raw: string): string {
  const others = Object.entries(body).filter(([own]) => own !== name)
  return `{${[...others.map(([own, value]) => `${JSON.stringify(own)}:${JSON.stringify(value)}`), `${JSON.stringify(name)}:${raw}`].join(',')}}`
}
