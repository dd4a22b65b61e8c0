/** Mutants of lists and bodies: operators of filters, directions, missing values, numbers that are read as texts, and increments. */

import { restBase } from '../../../model/address/served.ts'
import { type Entity, type Field, type Model, storedScalar } from '../../../model/model.ts'
import { isAlways } from '../../../model/predicate.ts'
import type { SentRequest } from '../../run/stage.ts'
import type { AlteredExchange, Mutant } from '../mutant.ts'
import { changedBody, decoded, exchangeMutant, isAbout, isList, withJson } from './exchanges.ts'
import { hasOneRowEach, isChanged, isHeld } from './plantable.ts'

/** An operator of a filter, and the one that it is taken for. */
const SWAPPED = [
  ['gt', 'gte'],
  ['lt', 'lte'],
  ['gte', 'gt'],
  ['lte', 'lt'],
  ['ne', 'eq'],
  ['nin', 'in'],
  ['startsWith', 'contains'],
  ['endsWith', 'contains'],
] as const

/** Numbers of more digits are not exact. */
const MOST_DIGITS = 15

/** All mutants of lists and bodies in REST; none for a design without REST. */
export function listMutants(model: Model): readonly Mutant[] {
  if (model.served.rest === null) return []
  const base = restBase(model)
  return model.entities.flatMap((entity) => [
    ...operators(entity, base),
    ...orders(entity, base),
    ...counts(entity, base),
    ...coerced(entity, base),
    ...increments(entity, base),
  ])
}

/** A request of which the query is another one. */
function withQuery(asked: SentRequest, change: (parameter: string) => string): SentRequest {
  const [path = '', query] = asked.url.split('?', 2)
  return query === undefined ? asked : { ...asked, url: `${path}?${query.split('&').map(change).join('&')}` }
}

function operators(entity: Entity, base: string): readonly Mutant[] {
  const claims = [`lists/${entity.name}`]
  const kinds = new Set(entity.fields.map(({ type }) => (type.kind === 'scalar' ? storedScalar(type) : type.kind)))
  const isOrdered = kinds.has('integer') || kinds.has('timestamp') || kinds.has('date')
  const isText = kinds.has('text') || kinds.has('email')
  const fitting = SWAPPED.filter(([op]) => (op.endsWith('With') ? isText : /^[gl]te?$/.test(op) ? isOrdered : true))
  return fitting.map(([op, other]) =>
    exchangeMutant(entity, {
      kind: 'filter-operator-swapped',
      detail: `${op}:${other}`,
      what: `the filter ${op} is ${other}`,
      claims,
      open: () => ({
        request: (asked) =>
          isList(asked, entity, base) ? withQuery(asked, (parameter) => parameter.replace(`[${op}]=`, `[${other}]=`)) : asked,
      }),
    }),
  )
}

function orders(entity: Entity, base: string): readonly Mutant[] {
  const claims = [`lists/${entity.name}`]
  const reversed = (): AlteredExchange => ({
    request: (asked) =>
      isList(asked, entity, base)
        ? withQuery(asked, (parameter) => {
            const [name, value = ''] = parameter.split('=', 2)
            if (name !== 'sort') return parameter
            const keys = decoded(value).split(',')
            return `sort=${encodeURIComponent(keys.map((key) => (key.startsWith('-') ? key.slice(1) : `-${key}`)).join(','))}`
          })
        : asked,
  })
  const indexed = new Set(entity.indexes.flatMap(({ parts }) => parts.map(({ field }) => field)))
  const optional = entity.fields.filter(({ name, optional: may, read }) => may && indexed.has(name) && isAlways(read))
  return [
    ...(hasOneRowEach(entity)
      ? []
      : [exchangeMutant(entity, { kind: 'order-reversed', what: 'lists are sorted the other way round', claims, open: reversed })]),
    ...optional.map(({ name }) =>
      exchangeMutant(entity, {
        kind: 'missing-misplaced',
        detail: name,
        what: `rows without ${name} stand at the other end of a page`,
        claims,
        open: () => ({
          answer: (asked, answered) => {
            if (!isList(asked, entity, base) || !decoded(asked.url).includes(name) || !Array.isArray(answered.json?.data)) return answered
            const rows = answered.json.data as readonly Readonly<Record<string, unknown>>[]
            const missing = rows.filter((row) => row[name] === null)
            const present = rows.filter((row) => row[name] !== null)
            if (missing.length === 0 || present.length === 0) return answered
            const data = rows[0]?.[name] === null ? [...present, ...missing] : [...missing, ...present]
            return withJson(answered, { ...answered.json, data })
          },
        }),
      }),
    ),
  ]
}

/** Counts of all rows that are there without the filters. */
function counts(entity: Entity, base: string): readonly Mutant[] {
  const open = (): AlteredExchange => ({
    async ask(asked, send) {
      const answered = await send(asked)
      if (!isList(asked, entity, base) || typeof answered.json?.page?.count !== 'number') return answered
      const all = await send({ ...asked, url: `${base}/${entity.path}?count=true` })
      const count = all.json?.page?.count
      return typeof count === 'number' ? withJson(answered, { ...answered.json, page: { ...answered.json.page, count } }) : answered
    },
  })
  const claims = [`lists/${entity.name}`]
  return [exchangeMutant(entity, { kind: 'count-unfiltered', what: 'counts do not follow the filters', claims, open })]
}

/** Values of another JSON type that are converted in place of being refused. */
function coerced(entity: Entity, base: string): readonly Mutant[] {
  const about = isAbout(entity, base)
  const isSent = (field: Field): boolean => {
    const { system, type, default: preset, write } = field
    if (system !== null || type.kind !== 'scalar' || !isHeld(entity, field)) return false
    return write.kind === 'const' ? preset === null : preset?.kind !== 'set' && preset?.kind !== 'sequence'
  }
  const of = (field: Field, convert: (value: unknown) => unknown, what: string): Mutant =>
    exchangeMutant(entity, {
      kind: 'type-converted',
      detail: field.name,
      what: `${field.name}: ${what}`,
      claims: [`values/${entity.name}.${field.name}`],
      open: () => ({
        request: (asked) =>
          about(asked)
            ? {
                ...asked,
                body: changedBody(asked.body, (members) =>
                  Object.hasOwn(members, field.name) ? { ...members, [field.name]: convert(members[field.name]) } : members,
                ),
              }
            : asked,
      }),
    })
  return entity.fields.filter(isSent).flatMap((field): readonly Mutant[] => {
    const scalar = storedScalar(field.type)
    // A limit or a pattern that refuses every converted value hides that it was converted.
    if (!takesConverted(field)) return []
    if (scalar === 'text') return [of(field, (value) => (typeof value === 'number' ? String(value) : value), 'a number is taken as a text')]
    if (scalar === 'integer')
      return [of(field, (value) => (typeof value === 'boolean' ? Number(value) : value), 'true and false are taken as numbers')]
    if (scalar === 'boolean') return [of(field, (value) => (typeof value === 'number' ? value !== 0 : value), 'a number is taken as true')]
    return []
  })
}

/** Whether a field takes 0 or 1 as a number, or a number of few digits as a text. */
function takesConverted({ type }: Field): boolean {
  if (type.kind !== 'scalar') return false
  const [min, max] = [Number(type.min ?? Number.NEGATIVE_INFINITY), Number(type.max ?? Number.POSITIVE_INFINITY)]
  const isWithin = (value: number): boolean => value >= min && value <= max
  if (type.scalar === 'integer') return [0, 1].some(isWithin)
  if (type.scalar !== 'text') return true
  const texts = Array.from({ length: MOST_DIGITS }, (_, i) => '7'.repeat(i + 1))
  return texts.some((text) => isWithin(text.length) && (type.pattern === null || new RegExp(type.pattern, 'u').test(text)))
}

function increments(entity: Entity, base: string): readonly Mutant[] {
  const about = isAbout(entity, base)
  const numbers = entity.fields.filter(
    (field) =>
      field.type.kind === 'scalar' &&
      field.type.scalar === 'integer' &&
      field.system === null &&
      !field.immutable &&
      isHeld(entity, field) &&
      isChanged(entity),
  )
  return numbers.map(({ name }) =>
    exchangeMutant(entity, {
      kind: 'increment-sets',
      detail: name,
      what: `an increment of ${name} sets it`,
      claims: [`races/${entity.name}`],
      open: () => ({
        request: (asked) =>
          about(asked)
            ? {
                ...asked,
                body: changedBody(asked.body, (members) => {
                  const value = members[name]
                  return typeof value === 'object' && value !== null && 'increment' in value
                    ? { ...members, [name]: value.increment }
                    : members
                }),
              }
            : asked,
      }),
    }),
  )
}
