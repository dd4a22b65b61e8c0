/** The statement that reads a connection of GraphQL as columns. */

import type { Utf8 } from '../../../base/bytes/utf8.ts'
import type { Statement } from '../../../base/sql/statement.ts'
import { unreachable } from '../../../base/unreachable.ts'
import type { Model } from '../../../model/model.ts'
import type { ScalarKind } from '../../../model/scalar.ts'
import { cursorSql, orderName, orderTerms } from '../page-sql.ts'
import { pinReferences } from '../pinned-references.ts'
import type { ConnectionMember, ConnectionPlan, EdgeMember, Output, PageInfoMember } from '../plan.ts'
import { type ConnectionPart, connectionReader } from './connection-reader.ts'
import { columnValue, constantValue, type ObjectMember, type OutputColumns, objectColumns, outputColumns } from './output-columns.ts'
import { measuredFields, pageColumns } from './page-columns.ts'
import { constantPart, objectParts } from './shape.ts'

/** The statement of a connection; its result is null when the JSON is too large to send. Null when columns do not cover the plan. */
export function connectionColumns(model: Model, plan: ConnectionPlan): Statement<Utf8 | null> | null {
  const shown = shownRows(plan)
  const measured = shown === null ? null : measuredFields(shown.output, plan.size)
  if (shown === null || measured === null) return null
  const row = outputColumns(model, pinReferences(shown.output, plan.filter), 't')
  if (row === null) return null
  const output = shown.edge === null ? row : edgeColumns(model, plan, { row, edge: shown.edge })
  const infos = plan.members.flatMap((member) => (member.kind === 'page-info' ? [member] : []))
  const keyed = infos.some(({ members }) => members.some(({ kind }) => kind === 'startCursor' || kind === 'endCursor'))
  const limit = infos.length > 0 ? plan.size + 1 : plan.size
  const { query, keys } = pageColumns(model, { plan, slots: plan.slots, output, measured, limit, keyed })
  return {
    name: 'query',
    sql: query,
    merge: 'lateral',
    read: connectionReader({ pieces: output.pieces, keys }, { parts: partsOf(plan), size: plan.size, order: orderName(plan.order) }),
  }
}

interface ShownRows {
  readonly output: Output
  /** The members of an edge; null when the page shows the rows themselves. */
  readonly edge: readonly EdgeMember[] | null
}

/** The place where a page shows its rows. Null when it shows them at no place or at several, or counts all rows. */
function shownRows({ members, order }: ConnectionPlan): ShownRows | null {
  const shown = members.flatMap((member): readonly (ShownRows | null)[] => {
    switch (member.kind) {
      case 'nodes':
        return [{ output: member.output, edge: null }]
      case 'edges':
        return [shownInEdge(member.members, order)]
      case 'total-count':
        return [null]
      case 'page-info':
      case 'constant':
        return []
      default:
        return unreachable(member)
    }
  })
  return shown.length === 1 ? (shown[0] ?? null) : null
}

/** Sort keys without a limit of their own. A cursor for each row could make a page much larger than its rows. */
const LONG_KEYS: ReadonlySet<ScalarKind> = new Set(['text', 'email', 'url', 'decimal', 'json'])

function shownInEdge(edge: readonly EdgeMember[], order: ConnectionPlan['order']): ShownRows | null {
  const outputs = edge.flatMap((member) => (member.kind === 'node' ? [member.output] : []))
  const hasLongCursor = edge.some(({ kind }) => kind === 'cursor') && order.some(({ term }) => LONG_KEYS.has(term.type.scalar))
  const [output] = outputs
  return output === undefined || outputs.length > 1 || hasLongCursor ? null : { output, edge }
}

interface Edge {
  readonly row: OutputColumns
  readonly edge: readonly EdgeMember[]
}

/** The columns of an edge, which contains the row. */
function edgeColumns(model: Model, { order }: ConnectionPlan, { row, edge }: Edge): OutputColumns {
  const members = edge.map((member): ObjectMember => {
    switch (member.kind) {
      case 'constant':
        return [member.key, constantValue(member.value)]
      case 'cursor':
        return [member.key, columnValue({ value: cursorSql(order, orderTerms(model, order, 't')), as: 'characters' })]
      case 'node':
        return [member.key, row]
      default:
        return unreachable(member)
    }
  })
  return { ...objectColumns(members), joins: row.joins }
}

/** The parts of the JSON of a connection. */
function partsOf({ members, after }: ConnectionPlan): readonly ConnectionPart[] {
  return objectParts(members.map((member) => [member.key, memberParts(member, after !== null)] as const))
}

function memberParts(member: ConnectionMember, hasPreviousPage: boolean): readonly ConnectionPart[] {
  switch (member.kind) {
    case 'nodes':
    case 'edges':
      return [{ kind: 'items' }]
    case 'page-info':
      return objectParts(member.members.map((one) => [one.key, [infoPart(one, hasPreviousPage)]] as const))
    case 'constant':
      return [constantPart(member.value)]
    case 'total-count':
      throw new Error('columns do not count rows')
    default:
      return unreachable(member)
  }
}

function infoPart(member: PageInfoMember, hasPreviousPage: boolean): ConnectionPart {
  switch (member.kind) {
    case 'hasNextPage':
    case 'startCursor':
    case 'endCursor':
      return { kind: member.kind }
    case 'hasPreviousPage':
      return constantPart(hasPreviousPage)
    case 'constant':
      return constantPart(member.value)
    default:
      return unreachable(member)
  }
}
