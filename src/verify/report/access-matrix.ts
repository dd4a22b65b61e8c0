/** Who may do what, as a run has seen it: kinds of callers, operations, and the relation of the caller to the row. */

import { entityNamed, type Model } from '../../model/model.ts'
import type { Case } from '../cases/case.ts'
import type { CasePlan } from '../cases/cases-of.ts'
import type { CaseResult } from '../run/case-result.ts'

const OPERATIONS: readonly MatrixCell['operation'][] = ['read', 'create', 'update', 'delete']

/** How the row belongs to the caller: its own, of somebody else, a new one, or the rows of a list. */
export type RowRelation = 'own' | 'other' | 'new' | 'list'

/** The cases of one kind of caller, one operation and one relation. */
export interface MatrixCell {
  readonly entity: string
  readonly operation: 'read' | 'create' | 'update' | 'delete'
  /** `anonymous`, a role, or `account` in a design without roles. */
  readonly caller: string
  readonly relation: RowRelation
  /** How many cases had to be answered with 2xx, with a refusal, and how many were answered otherwise. */
  readonly allowed: number
  readonly refused: number
  readonly failed: number
  /** The names of the cases. */
  readonly cases: readonly string[]
}

/** The matrix of the rules of operations, in the order of the design. */
export function accessMatrix(
  model: Model,
  { world, plans }: Pick<CasePlan, 'world' | 'plans'>,
  results: readonly CaseResult[],
): readonly MatrixCell[] {
  const operations = new Map(
    plans.flatMap(({ claim: { id, use, entity } }) =>
      use.kind === 'operation' ? [[id, { entity, operation: use.rule.split('.', 1)[0] as MatrixCell['operation'] }] as const] : [],
    ),
  )
  const accounts = new Map((world.rows.get(model.identity?.entity ?? '') ?? []).map((row) => [String(row.id), row]))
  const roleField = model.identity?.role ?? null
  const callerOf = ({ user }: Case): string => {
    if (user === null) return 'anonymous'
    return roleField === null ? 'account' : String(accounts.get(user)?.[roleField] ?? 'account')
  }
  const cells = new Map<string, MatrixCell>()
  for (const result of results) {
    const about = operations.get(result.case.claim)
    if (about === undefined || !('request' in result.case)) continue
    const one = result.case as Case
    const key = { ...about, caller: callerOf(one), relation: relationOf(model, world.rows, one, about.entity) }
    const name = Object.values(key).join(' ')
    const cell = cells.get(name) ?? { ...key, allowed: 0, refused: 0, failed: 0, cases: [] }
    const isAllowed = result.expected.statuses.every((status) => status < 300)
    cells.set(name, {
      ...cell,
      allowed: cell.allowed + (isAllowed ? 1 : 0),
      refused: cell.refused + (isAllowed ? 0 : 1),
      failed: cell.failed + (result.wrong === null ? 0 : 1),
      cases: [...cell.cases, result.case.name],
    })
  }
  return [...cells.values()].sort(
    (a, b) => rank(model, a) - rank(model, b) || a.caller.localeCompare(b.caller) || a.relation.localeCompare(b.relation),
  )
}

function rank({ entities }: Model, { entity, operation }: MatrixCell): number {
  return entities.findIndex(({ name }) => name === entity) * OPERATIONS.length + OPERATIONS.indexOf(operation)
}

/** A row is the caller's own if it is the account itself or refers to it. */
function relationOf(model: Model, rows: CasePlan['world']['rows'], { request, user }: Case, entity: string): RowRelation {
  if (request.kind === 'create') return 'new'
  if (request.kind === 'list' || request.entity !== entity) return 'list'
  const row = (rows.get(entity) ?? []).find(({ id }) => String(id) === request.id)
  const account = model.identity?.entity
  if (row === undefined || user === null) return 'other'
  if (entity === account) return String(row.id) === user ? 'own' : 'other'
  const refers = entityNamed(model, entity).fields.some(
    ({ name, type }) => type.kind === 'ref' && type.entity === account && String(row[name]) === user,
  )
  return refers ? 'own' : 'other'
}
