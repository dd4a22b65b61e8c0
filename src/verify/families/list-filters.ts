/** Each operator of a filter on each field, beside a filter by id, which an index serves. */

import type { Case } from '../cases/case.ts'
import { hasApi } from '../cases/doors.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { ALL, type AskedFilter } from '../expected/abstract-request.ts'
import { orderOfValues } from '../expected/compare.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { AskedList } from './list-changes.ts'

const TEXT_OPS = ['eq', 'ne', 'in', 'nin', 'contains', 'startsWith', 'endsWith', 'isNull'] as const
const DIGEST_OPS = ['eq', 'in', 'isNull'] as const
const ORDERED_OPS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin', 'isNull'] as const

/** The most rows of a page. */
const PAGE = 100

/** Whether a value can be the operand of a filter, also in a list of several. */
export function isFilterable(value: PlainValue): boolean {
  return (typeof value === 'string' && value !== '' && !value.includes(',')) || typeof value === 'number' || typeof value === 'boolean'
}

/** Each operator on each field that everybody reads, beside a filter by id, which an index serves. */
export function filterCases({ reference }: PlannedWorld, id: string, { entity, rows, user }: AskedList): readonly Case[] {
  const own = reference.design.entities[entity.name]
  const readable = reference.sightOf(user).kind.readable(entity.name)
  const ids: AskedFilter = { kind: 'bracket', path: ['id'], op: 'in', value: rows.map((row) => row.id).join() }
  const apis = (['rest', 'graphql'] as const).filter((api) => hasApi(reference.model, api))
  const inGraphql = new Set<string>()
  return entity.fields.flatMap((field) => {
    const { name, type } = field
    const scalar = type.kind === 'scalar' ? type.scalar : type.kind === 'choice' || type.kind === 'ref' ? 'choice' : null
    if (scalar === null || !readable.has(name) || own?.fields[name]?.read !== undefined) return []
    const ops =
      scalar === 'encryptedEqual'
        ? DIGEST_OPS
        : scalar === 'text' || scalar === 'email'
          ? TEXT_OPS
          : isOrdered(scalar)
            ? ORDERED_OPS
            : (['eq', 'ne', 'in', 'nin', 'isNull'] as const)
    if (['encrypted', 'json', 'duration', 'time', 'url', 'number', 'decimal'].includes(scalar)) return []
    const values = [...new Set(rows.map((row) => row[name] ?? null).filter(isFilterable))].toSorted(orderOfValues)
    const middle = values[Math.floor(values.length / 2)]
    if (middle === undefined || middle === null) return []
    const isFirst = !inGraphql.has(scalar)
    inGraphql.add(scalar)
    return ops
      .flatMap((op) => operandsOf(op, String(middle), values.map(String)).map((one) => ({ op, ...one })))
      .flatMap(({ op, label, value }) => {
        // The members of an enum may have other names than the values of a choice.
        const isNamed = type.kind !== 'choice' || type.values.every((one) => /^[a-z]\w*$/i.test(one))
        // Both interfaces compile a filter in the same way, so one field of each type is enough in the second.
        const fitting = apis.filter((api) => api === 'rest' || (isNamed && isFirst))
        return fitting.map(
          (api): Case => ({
            name: `${id}/filter-${name}-${label}/${api}`,
            claim: id,
            door: api === 'rest' ? 'list' : 'graphql-list',
            api,
            user,
            request: {
              kind: 'list',
              entity: entity.name,
              filters: [ids, { kind: 'bracket', path: [name], op, value }],
              sort: [],
              size: PAGE,
              search: null,
              count: true,
              selected: { fields: ['id', name].filter((one, i, all) => all.indexOf(one) === i), include: new Map() },
            },
            goals: [`filter-${name}-${label}`],
            atoms: {},
            served: true,
          }),
        )
      })
  })
}

/** The rows that have an item, for each list field of a declared index, without another filter: only the index serves that. */
export function itemCases({ reference }: PlannedWorld, id: string, { entity, rows, user }: AskedList): readonly Case[] {
  const own = reference.design.entities[entity.name]
  const readable = reference.sightOf(user).kind.readable(entity.name)
  const declared = new Set((own?.indexes ?? []).flat())
  return entity.fields.flatMap(({ name, type }): readonly Case[] => {
    if (type.kind !== 'list' || !declared.has(name) || !readable.has(name) || own?.fields[name]?.read !== undefined) return []
    const list = rows.map((row) => row[name]).find((value) => Array.isArray(value) && value.length > 0)
    const item = Array.isArray(list) ? (list[0] ?? null) : null
    if (typeof item !== 'string') return []
    const filters: readonly AskedFilter[] = [{ kind: 'bracket', path: [name], op: 'contains', value: item }]
    return (['rest', 'graphql'] as const)
      .filter((api) => hasApi(reference.model, api))
      .map((api) => ({
        name: `${id}/filter-${name}-contains/${api}`,
        claim: id,
        door: api === 'rest' ? 'list' : 'graphql-list',
        api,
        user,
        request: { kind: 'list', entity: entity.name, filters, sort: [], size: PAGE, search: null, count: true, selected: ALL },
        goals: [`filter-${name}-contains`],
        atoms: {},
        served: true,
      }))
  })
}

function isOrdered(scalar: string): boolean {
  return ['integer', 'timestamp', 'date'].includes(scalar)
}

type AnyOp = (typeof TEXT_OPS)[number] | (typeof ORDERED_OPS)[number]

interface Operand {
  /** The name in cases: the operator, and what is special about the value. */
  readonly label: string
  readonly value: string
}

/** The values that an operator is tried with. A text from the end is at no beginning, unless by chance: only `contains` finds it there. */
function operandsOf(op: AnyOp, middle: string, values: readonly string[]): readonly Operand[] {
  const usual = { label: op, value: operandOf(op, middle, values) }
  if (op === 'startsWith' && middle.length > 1) return [usual, { label: `${op}-inside`, value: middle.slice(1) }]
  if (op === 'endsWith' && middle.length > 1) return [usual, { label: `${op}-inside`, value: middle.slice(0, -1) }]
  return [usual]
}

function operandOf(op: AnyOp, middle: string, values: readonly string[]): string {
  switch (op) {
    case 'in':
    case 'nin':
      return [...new Set([middle, values[0] ?? middle])].join()
    case 'isNull':
      return 'true'
    case 'contains':
      return middle.slice(1, -1) === '' ? middle : middle.slice(1, -1)
    case 'startsWith':
      return middle.slice(0, Math.max(1, middle.length - 1))
    case 'endsWith':
      return middle.slice(middle.length > 1 ? 1 : 0)
    default:
      return middle
  }
}
