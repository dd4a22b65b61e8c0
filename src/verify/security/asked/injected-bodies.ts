/** F200 in bodies: texts of bodies are stored as they are, names of bodies are names, and logins are only compared. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { requestAnswered, requestsOf, type UsualRequest } from '../../cases/usual-request.ts'
import { type BodyValues, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { changeMismatch } from '../../expected/compare.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { schemaNamesOf } from '../../requests/graphql-words.ts'
import { INJECTIONS, lateness } from '../injections.ts'
import { leakIn } from '../leaks.ts'
import { readerOf, type SecurityProbe } from '../probes.ts'

/** The least length that a field must take to hold all texts. */
const LONGEST = Math.max(...INJECTIONS.map((text) => text.length))

/** The probes about the bodies of an entity. */
export function injectedBodies(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const field = textField(asking, entity)
  return [
    ...(field === null
      ? []
      : [...createdTexts(asking, entity, field), ...changedTexts(asking, entity, field), ...graphqlTexts(asking, entity, field)]),
    ...names(asking, entity),
    ...(asking.reference.model.identity?.entity === entity.name ? logins(asking) : []),
  ]
}

/** A field that takes each of the texts. */
function textField({ reference }: PlannedWorld, entity: Entity): string | null {
  const own = reference.design.entities[entity.name]
  const checks = Object.values(own?.checks ?? {}).map(({ rule }) => rule)
  const field = entity.fields.find(({ name, type, immutable }) => {
    const { pattern, min = 0, max = LONGEST, type: kind, set, write } = own?.fields[name] ?? { type: '' }
    const isFree = pattern === undefined && Number(min) <= 1 && Number(max) >= LONGEST && set === undefined && write === undefined
    return (
      type.kind === 'scalar' && kind === 'text' && !immutable && isFree && !checks.some((rule) => new RegExp(`\\b${name}\\b`).test(rule))
    )
  })
  return field?.name ?? null
}

interface Texts {
  readonly goal: string
  readonly user: string | null
  readonly requests: readonly SentOverHttp[]
  /** What is wrong with an answer to a text. */
  readonly check: (answer: Answered, text: string) => string | null
  readonly rows?: SecurityProbe['rows']
  /** Whether a request may be sent once more; true unless given. */
  readonly repeats?: boolean
}

/** One request for each text. */
function textsProbe({ goal, user, requests, check, rows, repeats = true }: Texts): SecurityProbe {
  return {
    goal,
    user,
    async ask(tools) {
      const token = tools.tokenOf(user)
      const why = 'the text means nothing more than any other text'
      let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
      for (const [i, sent] of requests.entries()) {
        const began = performance.now()
        const answer = await tools.send({ ...sent, token })
        const ms = performance.now() - began
        const wrong =
          answer.status >= 500
            ? `status ${answer.status}`
            : ((await lateness(ms, repeats ? () => tools.send({ ...sent, token }) : null)) ?? check(answer, INJECTIONS[i] ?? ''))
        if (wrong !== null) return { wrong, statuses: [200], why, sent, answer }
        last = { sent, answer }
      }
      const { sent, answer } = last ?? {
        sent: { method: 'GET', url: '/health/live' },
        answer: await tools.send({ method: 'GET', url: '/health/live', token }),
      }
      return { wrong: null, statuses: [answer.status], why, sent, answer }
    },
    ...(rows === undefined ? {} : { rows }),
  }
}

/** All texts in one list of rows. None where creates take long or the rows cannot be foreseen. */
function createdTexts(asking: PlannedWorld, entity: Entity, field: string): readonly SecurityProbe[] {
  const { reference } = asking
  if (entity.fields.some(({ type }) => type.kind === 'password')) return []
  for (const { user, request, expected } of requestsOf(asking, entity, 'create')) {
    if (request.kind !== 'create' || expected.join() !== '201' || isUnforeseen(reference, { user, request, api: 'rest' })) continue
    const rows = INJECTIONS.map((text): BodyValues => ({ ...request.rows[0], [field]: text }))
    const many = { ...request, rows, many: true }
    if (expectationOf(reference, user, many).statuses.join() !== '201') return []
    const check = ({ status, json }: Answered): string | null => {
      if (status !== 201) return `status ${status}`
      const stored = (json as readonly BodyValues[]).map((row) => row[field])
      const at = stored.findIndex((value, i) => value !== undefined && value !== INJECTIONS[i])
      return at === -1 ? null : `${JSON.stringify(INJECTIONS[at])} became ${JSON.stringify(stored[at])}`
    }
    return [
      textsProbe({
        ...{ goal: 'body-create', user, requests: [httpRequestOf(reference.model, many)], check },
        rows: (now, after) => changeMismatch(now, expectationOf(now, user, many).change, after),
        repeats: false,
      }),
    ]
  }
  return []
}

/** Each text in a change of one row. */
function changedTexts(asking: PlannedWorld, entity: Entity, field: string): readonly SecurityProbe[] {
  const { reference } = asking
  const changes = ({ user, request }: UsualRequest): boolean =>
    request.kind === 'update' &&
    !isUnforeseen(reference, { user, request, api: 'rest' }) &&
    expectationOf(reference, user, { ...request, body: { [field]: INJECTIONS.at(-1) } }).statuses.join() === '200'
  const found = requestAnswered(asking, { entity, verb: 'update', statuses: [200] }, changes)
  if (found?.request.kind !== 'update') return []
  const { user, request } = found
  const write = (text: string) => ({ ...request, body: { [field]: text } })
  const requests = INJECTIONS.map((text) => httpRequestOf(reference.model, write(text)))
  const check = ({ status, json }: Answered, text: string): string | null => {
    if (status !== 200) return `status ${status}`
    return json?.[field] === undefined || json[field] === null || json[field] === text
      ? null
      : `${JSON.stringify(text)} became ${JSON.stringify(json[field])}`
  }
  // Each change raises the version, so only the other rows are compared, and the row but for its version.
  const rows: SecurityProbe['rows'] = (now, after) => {
    const { change } = expectationOf(now, user, write(INJECTIONS.at(-1) ?? ''))
    const version = (after.get(entity.name) ?? []).find((row) => String(row.id) === request.id)?.version
    return changeMismatch(now, change.kind === 'updated' ? { ...change, row: { ...change.row, version: version ?? null } } : change, after)
  }
  return [textsProbe({ goal: 'body-change', user, requests, check, rows })]
}

/** Each text as a variable of a filter. */
function graphqlTexts(asking: PlannedWorld, entity: Entity, field: string): readonly SecurityProbe[] {
  const { reference } = asking
  const user = readerOf(asking, entity)
  if (!reference.model.served.graphql || !reference.sightOf(user).kind.readable(entity.name).has(field)) return []
  const { many, types, members } = schemaNamesOf({ reference }, entity)
  const ids = (reference.rows().get(entity.name) ?? []).map(({ id }) => id)
  const query = `query ($filter: ${types.get('Filter')}) { ${many}(filter: $filter) { nodes { id } } }`
  const requests = INJECTIONS.map(
    (text): SentOverHttp => ({
      method: 'POST',
      url: '/graphql',
      body: { query, variables: { filter: { and: [{ id: { in: ids } }, { [members.get(field) ?? field]: { eq: text } }] } } },
    }),
  )
  const check = (answer: Answered, text: string): string | null => {
    const found = answer.json?.data?.[many]?.nodes?.length ?? 0
    return found > 0 ? `${found} rows, and none has this text` : leakIn({ ...answer, headers: {} }, [], text)
  }
  return [textsProbe({ goal: 'graphql-variable', user, requests, check })]
}

/** Each text as a name in a body. */
function names(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const found =
    requestAnswered(asking, { entity, verb: 'update', statuses: [200] }) ??
    requestAnswered(asking, { entity, verb: 'create', statuses: [201] })
  if (found === null) return []
  const { user, request } = found
  const { model } = asking.reference
  const sent = httpRequestOf(model, request)
  const body = sent.body as BodyValues
  const requests = INJECTIONS.map((text): SentOverHttp => ({ ...sent, body: { ...body, [text]: 1 } }))
  const check = (answer: Answered, text: string): string | null =>
    answer.status === 400 ? leakIn({ ...answer, headers: {} }, [], text) : `status ${answer.status}`
  return [textsProbe({ goal: 'body-name', user, requests, check })]
}

/** Some texts as login and password: each attempt hashes, which takes long. */
function logins({ reference: { model } }: PlannedWorld): readonly SecurityProbe[] {
  const { identity } = model
  if (identity === null) return []
  const requests = INJECTIONS.filter((text) => /^'.*(?:OR|SELECT|DROP)/.test(text))
    .slice(0, 4)
    .map(
      (text): SentOverHttp => ({
        method: 'POST',
        url: `${restBase(model)}/auth/login`,
        body: { [identity.login]: text, [identity.password]: text },
      }),
    )
  const check = ({ status }: Answered): string | null => ([400, 401].includes(status) ? null : `status ${status}`)
  return [textsProbe({ goal: 'login', user: null, requests, check })]
}
