/** F200 at every place of a text: rows that hold texts with special characters, and each operator of filters asked about them. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import type { ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { requestsOf } from '../../cases/usual-request.ts'
import { type AbstractRequest, type BodyValues, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { changeMismatch } from '../../expected/compare.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { uniquesOf } from '../../expected/written-design.ts'
import { schemaNamesOf } from '../../requests/graphql-words.ts'
import type { SecurityProbe } from '../probes.ts'

/** What could mean something in SQL, in a pattern, in an expression, or in JSON. */
const PIECES = ["'", '"', '\\', '$$', '%', '--', '/*', '\u0001', '_'] as const

/** Each piece alone, and each two of them next to one another in both orders. No text has a comma, which separates values. */
export const TEXTS: readonly string[] = [
  ...PIECES.map((piece) => `a${piece}b`),
  ...PIECES.flatMap((one, i) => PIECES.slice(i + 1).map((other) => `${one}a${other}${one}b${one}${other}`)),
]

/** The longest of the texts, and the shortest field that takes all. */
const LONGEST = Math.max(...TEXTS.map((text) => text.length))

type Creation = Extract<AbstractRequest, { kind: 'create' }>

interface Planned {
  readonly user: string | null
  readonly request: Creation
  /** Texts that may have any value. */
  readonly fields: readonly string[]
  /** Lists of such texts. */
  readonly lists: readonly string[]
}

/**
 * The probe about the texts of an entity: they are stored, answered and logged as they are, and filters compare them as they are.
 *
 * @param filters whether filters are asked. They mean the same for all entities, so one entity is enough.
 */
export function textsEverywhere(asking: PlannedWorld, entity: Entity, filters: boolean): readonly SecurityProbe[] {
  const planned = plannedOf(asking, entity)
  if (planned === null) return []
  const { user, request, fields, lists } = planned
  const sent = httpRequestOf(asking.reference.model, request)
  const filtered = filters ? [...fields.slice(0, 1), ...lists.slice(0, 1)] : []
  const goals = [...[...fields, ...lists].map((name) => `${name}-stored`), ...filtered.map((name) => `${name}-filters`)]
  return [
    {
      goal: 'texts',
      goals,
      user,
      async ask(tools) {
        const token = tools.tokenOf(user)
        const answer = await tools.send({ ...sent, token })
        const outcome = { statuses: [201], why: 'a text means nothing more than any other text', sent, answer }
        if (answer.status !== 201) return { ...outcome, wrong: `rows with such texts are answered ${answer.status}` }
        const rows = answer.json as readonly BodyValues[]
        const changed = changedIn(rows, [...fields, ...lists])
        if (changed !== null) return { ...outcome, wrong: changed }
        const ids = rows.map(({ id }) => String(id))
        const seen = await tools.send({ method: 'GET', url: listUrl(asking, entity, { ids, query: '' }), token })
        const shown = (seen.json?.data ?? []) as readonly BodyValues[]
        const isShown = (name: string): boolean => shown.length === rows.length && shown.every((row) => (row[name] ?? null) !== null)
        const why = 'the caller who creates such rows may not read their texts'
        const left = Object.fromEntries(filtered.filter((name) => !isShown(name)).map((name) => [`${name}-filters`, why]))
        for (const name of filtered.filter(isShown)) {
          const wrong = await firstWrong(tools, questionsOf(asking, entity, { name, ids, isList: lists.includes(name) }), token)
          if (wrong !== null) return { ...outcome, ...wrong, left }
        }
        return { ...outcome, wrong: null, left }
      },
      rows: (now, after) => changeMismatch(now, expectationOf(now, user, request).change, after),
      events: 'of-rows',
    },
  ]
}

/** A create of one row for each text; null where none can be foreseen. */
function plannedOf(asking: PlannedWorld, entity: Entity): Planned | null {
  const { reference } = asking
  if (entity.fields.some(({ type }) => type.kind === 'password')) return null
  for (const { user, request, expected } of requestsOf(asking, entity, 'create')) {
    if (request.kind !== 'create' || expected.join() !== '201' || isUnforeseen(reference, { user, request, api: 'rest' })) continue
    const writable = reference.sightOf(user).kind.writable(entity.name)
    const free = freeFields(asking, entity).filter(({ name }) => writable.has(name))
    const [fields, lists] = [false, true].map((isList) => free.filter((one) => one.isList === isList).map(({ name }) => name))
    if (fields === undefined || lists === undefined || free.length === 0) return null
    const rows = TEXTS.map(
      (text): BodyValues => ({
        ...request.rows[0],
        ...Object.fromEntries([...fields.map((name) => [name, text]), ...lists.map((name) => [name, [text]])]),
      }),
    )
    const many: Creation = { ...request, rows, many: true }
    if (expectationOf(reference, user, many).statuses.join() === '201') return { user, request: many, fields, lists }
  }
  return null
}

/** Fields of an entity that take any short text, of which no rule and no constraint says anything. */
function freeFields({ reference }: PlannedWorld, entity: Entity): readonly { readonly name: string; readonly isList: boolean }[] {
  const own = reference.design.entities[entity.name]
  const checks = Object.values(own?.checks ?? {}).map(({ rule }) => rule)
  // A constraint over several fields is kept by another one of them.
  const ruled = new Set(uniquesOf(own).flatMap(({ names }) => (names.length > 1 ? names : [])))
  return entity.fields.flatMap(({ name, type, immutable }) => {
    const written = own?.fields[name]
    if (written === undefined || immutable || written.set !== undefined || ruled.has(name)) return []
    const isList = type.kind === 'list'
    const scalar = type.kind === 'scalar' ? type : type.kind === 'list' && type.of.kind === 'scalar' ? type.of : null
    const item = isList
      ? (written as { readonly of?: { readonly pattern?: string; readonly min?: number; readonly max?: number } }).of
      : written
    const { pattern, min = 0, max = LONGEST } = item ?? {}
    const isFree = scalar?.scalar === 'text' && pattern === undefined && Number(min) <= 3 && Number(max) >= LONGEST
    return isFree && !checks.some((rule) => new RegExp(`\\b${name}\\b`).test(rule)) ? [{ name, isList }] : []
  })
}

/** The first text that an answer has in another form. */
function changedIn(rows: readonly BodyValues[], names: readonly string[]): string | null {
  for (const [i, row] of rows.entries()) {
    for (const name of names) {
      const value = Array.isArray(row[name]) ? row[name][0] : row[name]
      if (value !== undefined && value !== null && value !== TEXTS[i])
        return `${name}: ${JSON.stringify(TEXTS[i])} became ${JSON.stringify(value)}`
    }
  }
  return null
}

interface OfField {
  readonly name: string
  readonly isList: boolean
  /** The ids of the rows, in the order of their texts. */
  readonly ids: readonly string[]
}

/** A request for a list, and the texts of the rows that it must find. */
interface Question {
  readonly sent: SentOverHttp
  readonly found: (text: string) => boolean
  /** The ids of the rows of an answer. */
  readonly idsIn: (answer: Answered) => readonly unknown[] | null
  readonly ids: readonly string[]
}

function listUrl(
  { reference: { model } }: PlannedWorld,
  entity: Entity,
  { ids, query }: { readonly ids: readonly string[]; readonly query: string },
): string {
  return `${restBase(model)}/${entity.path}?filter[id][in]=${encodeURIComponent(ids.join())}&page[size]=100${query}`
}

function questionsOf(asking: PlannedWorld, entity: Entity, of: OfField): readonly Question[] {
  return [
    ...TEXTS.flatMap((text, i) => inRest(asking, entity, { ...of, text, other: TEXTS[(i + 1) % TEXTS.length] ?? '' })),
    ...inGraphql(asking, entity, of),
  ]
}

interface OfText extends OfField {
  readonly text: string
  readonly other: string
}

/** Each operator in brackets, and each function of expressions. */
function inRest(asking: PlannedWorld, entity: Entity, { name, isList, ids, text, other }: OfText): readonly Question[] {
  const put = encodeURIComponent
  const [cel, second] = [JSON.stringify(text), JSON.stringify(other)]
  const question = (query: string, found: Question['found']): Question => ({
    sent: { method: 'GET', url: listUrl(asking, entity, { ids, query }) },
    found,
    idsIn: ({ json }) => (Array.isArray(json?.data) ? (json.data as readonly BodyValues[]).map(({ id }) => id) : null),
    ids,
  })
  const bracket = (op: string, value: string, found: Question['found']): Question =>
    question(`&filter[${name}][${op}]=${put(value)}`, found)
  const expression = (source: string, found: Question['found']): Question => question(`&filter=${put(source)}`, found)
  const is = (one: string): boolean => one === text
  const isEither = (one: string): boolean => one === text || one === other
  if (isList) return [bracket('contains', text, is), expression(`${cel} in ${name}`, is)]
  const start = text.slice(0, -1)
  const end = text.slice(1)
  return [
    bracket('eq', text, is),
    bracket('ne', text, (one) => !is(one)),
    bracket('in', `${text},${other}`, isEither),
    bracket('nin', `${text},${other}`, (one) => !isEither(one)),
    bracket('contains', end, (one) => one.includes(end)),
    bracket('startsWith', start, (one) => one.startsWith(start)),
    bracket('endsWith', end, (one) => one.endsWith(end)),
    // Whatever the order of texts is, only the same text is neither more nor less.
    question(`&filter[${name}][gte]=${put(text)}&filter[${name}][lte]=${put(text)}`, is),
    question(`&filter[${name}][gt]=${put(text)}&filter[${name}][lt]=${put(text)}`, () => false),
    expression(`${name} == ${cel}`, is),
    expression(`${name} in [${cel}, ${second}]`, isEither),
    expression(`${name}.contains(${JSON.stringify(end)}) && ${name} != ${second}`, (one) => one.includes(end) && one !== other),
    expression(
      `${name}.startsWith(${JSON.stringify(start)}) || ${name}.endsWith(${cel})`,
      (one) => one.startsWith(start) || one.endsWith(text),
    ),
  ]
}

/** Each operator as a variable, and an expression. One document asks several lists. */
function inGraphql(asking: PlannedWorld, entity: Entity, { name, isList, ids }: OfField): readonly Question[] {
  const { reference } = asking
  if (!hasApi(reference.model, 'graphql')) return []
  const { many, types, members } = schemaNamesOf({ reference }, entity)
  const member = members.get(name) ?? name
  const own = (reference.rows().get(entity.name) ?? [])[0]?.id
  const keys = typeof own === 'number' ? ids.map(Number) : ids
  const question = (condition: object | null, where: string | null, found: Question['found']): Question => ({
    sent: {
      method: 'POST',
      url: '/graphql',
      body: {
        query: `query ($filter: ${types.get('Filter')}, $where: String) { ${many}(first: 100, filter: $filter, where: $where) { nodes { id } } }`,
        variables: { filter: { and: [{ id: { in: keys } }, ...(condition === null ? [] : [{ [member]: condition }])] }, where },
      },
    },
    found,
    idsIn: ({ json }) => {
      const nodes = json?.data?.[many]?.nodes
      return Array.isArray(nodes) ? (nodes as readonly BodyValues[]).map(({ id }) => id) : null
    },
    ids,
  })
  return TEXTS.flatMap((text, i): readonly Question[] => {
    const other = TEXTS[(i + 1) % TEXTS.length] ?? ''
    const is = (one: string): boolean => one === text
    const isEither = (one: string): boolean => one === text || one === other
    if (isList) return [question({ contains: text }, null, is)]
    const [start, end] = [text.slice(0, -1), text.slice(1)]
    return [
      question({ eq: text }, null, is),
      question({ in: [text, other] }, null, isEither),
      question({ nin: [text, other] }, null, (one) => !isEither(one)),
      question({ contains: end }, null, (one) => one.includes(end)),
      question({ startsWith: start }, null, (one) => one.startsWith(start)),
      question({ endsWith: end }, null, (one) => one.endsWith(end)),
      question(null, `${name} == ${JSON.stringify(text)}`, is),
    ]
  })
}

/** Requests that are sent at the same time. */
const AT_ONCE = 4

interface Wrong {
  readonly wrong: string
  readonly sent: SentOverHttp
  readonly answer: Answered
}

/** The first question that finds other rows than those that hold the text. */
async function firstWrong(tools: ProbeTools, questions: readonly Question[], token: string | null): Promise<Wrong | null> {
  for (let i = 0; i < questions.length; i += AT_ONCE) {
    const group = questions.slice(i, i + AT_ONCE)
    const answers = await Promise.all(group.map(({ sent }) => tools.send({ ...sent, token })))
    for (const [n, answer] of answers.entries()) {
      const { sent, found, idsIn, ids } = group[n] as Question
      const wanted = ids.filter((_, at) => found(TEXTS[at] ?? ''))
      const has = idsIn(answer)?.map(String) ?? null
      const asked =
        sent.url === '/graphql'
          ? JSON.stringify((sent.body as { readonly variables: object }).variables).slice(-120)
          : decodeURIComponent(sent.url.slice(sent.url.indexOf('page[size]=100') + 15))
      if (has === null) return { wrong: `${asked}: status ${answer.status}`, sent, answer }
      if (has.toSorted().join() !== wanted.toSorted().join())
        return { wrong: `${asked}: ${has.length} rows, and ${wanted.length} have such a text`, sent, answer }
    }
  }
  return null
}
