/** Texts with special characters, and each operator of filters asked about rows that hold them. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { BodyValues, SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import type { PlainValue } from '../../oracle/oracle-values.ts'
import { schemaNamesOf } from '../../requests/graphql-words.ts'

/** What could mean something in SQL, in a pattern, in an expression, or in JSON. */
export const PIECES = ["'", '"', '\\', '$$', '%', '--', '/*', '\u0001', '_'] as const

/** Each piece alone, and each two of them next to one another in both orders. No text has a comma, which separates values. */
export const TEXTS: readonly string[] = [
  ...PIECES.map((piece) => `a${piece}b`),
  ...PIECES.flatMap((one, i) => PIECES.slice(i + 1).map((other) => `${one}a${other}${one}b${one}${other}`)),
]

/** A field of texts, and the rows that hold one each. */
export interface OfField {
  readonly name: string
  readonly isList: boolean
  /** The ids of the rows that are listed, in the order of their texts. */
  readonly ids: readonly string[]
  /** Where the field is, if it is not one of the listed rows themselves. */
  readonly through?: Through
}

/** A way from a listed row to another one. */
export interface Through {
  /** The reference or relation of the listed row. */
  readonly name: string
  readonly target: Entity
  /** The row in question of a relation; null for a reference. */
  readonly id: PlainValue
}

/** A request for a list, and the texts of the rows that it must find. */
export interface Question {
  readonly sent: SentOverHttp
  readonly found: (text: string) => boolean
  /** The ids of the rows of an answer. */
  readonly idsIn: (answer: Answered) => readonly unknown[] | null
  readonly ids: readonly string[]
}

/** The list of these rows. */
export function listUrl(
  { reference: { model } }: PlannedWorld,
  entity: Entity,
  { ids, query }: { readonly ids: readonly string[]; readonly query: string },
): string {
  return `${restBase(model)}/${entity.path}?filter[id][in]=${encodeURIComponent(ids.join())}&page[size]=100${query}`
}

/** Each operator of filters about each text, in REST and GraphQL. */
export function questionsOf(asking: PlannedWorld, entity: Entity, of: OfField): readonly Question[] {
  return TEXTS.flatMap((_, i) => questionsAbout(asking, entity, of, i))
}

/** Each operator of filters about one text. @param i its place in `TEXTS` */
export function questionsAbout(asking: PlannedWorld, entity: Entity, of: OfField, i: number): readonly Question[] {
  const about: OfText = { ...of, text: TEXTS[i] ?? '', other: TEXTS[(i + 1) % TEXTS.length] ?? '' }
  return [...inRest(asking, entity, about), ...inGraphql(asking, entity, about)]
}

interface OfText extends OfField {
  readonly text: string
  readonly other: string
}

/** Each operator in brackets, and each function of expressions. */
function inRest(asking: PlannedWorld, entity: Entity, of: OfText): readonly Question[] {
  const { isList, ids, text, other, through } = of
  const put = encodeURIComponent
  const { name, whole } = expressedBy(of)
  const [cel, second] = [JSON.stringify(text), JSON.stringify(other)]
  const question = (query: string, found: Question['found']): Question => ({
    sent: { method: 'GET', url: listUrl(asking, entity, { ids, query }) },
    found,
    idsIn: ({ json }) => (Array.isArray(json?.data) ? (json.data as readonly BodyValues[]).map(({ id }) => id) : null),
    ids,
  })
  const bracket = (op: string, value: string, found: Question['found']): Question =>
    question(`&filter[${name}][${op}]=${put(value)}`, found)
  const expression = (source: string, found: Question['found']): Question => question(`&filter=${put(whole(source))}`, found)
  const is = (one: string): boolean => one === text
  const isEither = (one: string): boolean => one === text || one === other
  if (isList) return [bracket('contains', text, is), expression(`${cel} in ${name}`, is)]
  const start = text.slice(0, -1)
  const end = text.slice(1)
  const inBrackets = (): readonly Question[] => [
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
  ]
  return [
    // Only expressions lead over a relation.
    ...((through?.id ?? null) === null ? inBrackets() : []),
    expression(`${name} == ${cel}`, is),
    expression(`${name} in [${cel}, ${second}]`, isEither),
    expression(`${name}.contains(${JSON.stringify(end)}) && ${name} != ${second}`, (one) => one.includes(end) && one !== other),
    expression(
      `${name}.startsWith(${JSON.stringify(start)}) || ${name}.endsWith(${cel})`,
      (one) => one.startsWith(start) || one.endsWith(text),
    ),
  ]
}

/** The name of the field in an expression about a listed row, and the whole expression. */
function expressedBy({ name, through }: OfField): { readonly name: string; readonly whole: (source: string) => string } {
  if (through === undefined) return { name, whole: (source) => source }
  if (through.id === null) return { name: `${through.name}.${name}`, whole: (source) => source }
  const isRow = `one.id == ${JSON.stringify(through.id)}`
  return { name: `one.${name}`, whole: (source) => `${through.name}.exists(one, ${isRow} && (${source}))` }
}

/** Each operator as a variable, and an expression. */
function inGraphql(asking: PlannedWorld, entity: Entity, of: OfText): readonly Question[] {
  const { name, isList, ids, text, other, through } = of
  const { reference } = asking
  if (!hasApi(reference.model, 'graphql')) return []
  const { many, types, members } = schemaNamesOf({ reference }, entity)
  const member = schemaNamesOf({ reference }, through?.target ?? entity).members.get(name) ?? name
  const own = (reference.rows().get(entity.name) ?? [])[0]?.id
  const keys = typeof own === 'number' ? ids.map(Number) : ids
  const filterOf = (condition: object): object => {
    if (through === undefined) return { [member]: condition }
    const { id } = through
    const step = members.get(through.name) ?? through.name
    return { [step]: id === null ? { [member]: condition } : { some: { and: [{ id: { eq: id } }, { [member]: condition }] } } }
  }
  const question = (condition: object | null, where: string | null, found: Question['found']): Question => ({
    sent: {
      method: 'POST',
      url: '/graphql',
      body: {
        query: `query ($filter: ${types.get('Filter')}, $where: String) { ${many}(first: 100, filter: $filter, where: $where) { nodes { id } } }`,
        variables: { filter: { and: [{ id: { in: keys } }, ...(condition === null ? [] : [filterOf(condition)])] }, where },
      },
    },
    found,
    idsIn: ({ json }) => {
      const nodes = json?.data?.[many]?.nodes
      return Array.isArray(nodes) ? (nodes as readonly BodyValues[]).map(({ id }) => id) : null
    },
    ids,
  })
  const is = (one: string): boolean => one === text
  const isEither = (one: string): boolean => one === text || one === other
  if (isList) return [question({ contains: text }, null, is)]
  const [start, end] = [text.slice(0, -1), text.slice(1)]
  const expressed = expressedBy(of)
  return [
    question({ eq: text }, null, is),
    question({ in: [text, other] }, null, isEither),
    question({ nin: [text, other] }, null, (one) => !isEither(one)),
    question({ contains: end }, null, (one) => one.includes(end)),
    question({ startsWith: start }, null, (one) => one.startsWith(start)),
    question({ endsWith: end }, null, (one) => one.endsWith(end)),
    question(null, expressed.whole(`${expressed.name} == ${JSON.stringify(text)}`), is),
  ]
}
