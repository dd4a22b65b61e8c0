/** The statements that the API can send about an entity, planned by the planner that serves requests. */

import { Failure } from '../../base/failure.ts'
import { render } from '../../base/sql/render.ts'
import { viewOf } from '../../compile/rules/view.ts'
import type { Plan } from '../../compile/statements/plan.ts'
import { type InputRequest, inputOf } from '../../compile/values/inputs.ts'
import { sampleValue } from '../../compile/values/sample.ts'
import { type Entity, fieldNamed, type Model } from '../../model/model.ts'
import type { Intent } from '../../server/plan/intent.ts'
import { planIntent } from '../../server/plan/plan.ts'
import { openPlanContext } from '../../server/plan/plan-context.ts'
import { writeCursor } from '../../server/plan/plan-order.ts'
import type { PlanContext } from '../../server/plan/planning.ts'
import { readIntent } from '../../server/rest/rest-intent.ts'
import { type CallerKind, callersOf } from './callers.ts'
import { type SampleQuery, sampleQueries } from './requests.ts'

/** One statement, and what it is for. */
export interface SampleOperation {
  readonly entity: Entity
  /** A short name such as `list sort=-createdAt`. */
  readonly label: string
  /** The kinds of caller whose requests become this statement. */
  readonly callers: readonly string[]
  /** SQL with `$1, $2, …`. */
  readonly text: string
  readonly plan: Plan
}

/** A request that is refused; the refusal names the index to add. */
export interface Refusal {
  readonly entity: string
  readonly label: string
  /** The kinds of caller who are refused. */
  readonly callers: readonly string[]
  /** Whether other callers are served. */
  readonly servedToOthers: boolean
  readonly detail: string
}

/** The operations of an entity, and the requests that are refused because no index serves them. */
export interface SampleOperations {
  readonly operations: readonly SampleOperation[]
  readonly refused: readonly Refusal[]
}

/**
 * Finds every operation on an entity that some kind of caller may do. Requests of several kinds that become the same statement count once.
 */
export function operationsOf(model: Model, kinds: readonly CallerKind[] = callersOf(model).kinds): (entity: Entity) => SampleOperations {
  const context = openPlanContext(model, { newId: () => SAMPLE_ID })
  return (entity) => entityOperations(context, entity, kinds)
}

const SAMPLE_ID = '0191f3c0-7a2b-7c3d-8e4f-000000000000'

function entityOperations(context: PlanContext, entity: Entity, kinds: readonly CallerKind[]): SampleOperations {
  const queries = sampleQueries(context.model, entity)
  const found = new Map<string, SampleOperation>()
  const refused = new Map<string, Omit<Refusal, 'servedToOthers'>>()
  for (const kind of kinds) {
    for (const { label, intent } of intentsOf(context, { entity, kind, queries })) {
      const planned = tryPlan(context, kind, intent)
      if (planned instanceof Failure) {
        if (planned.code === 'index_required') refuse(refused, { entity: entity.name, label, callers: kind.labels, detail: planned.detail })
        continue
      }
      add(found, { entity, label, callers: kind.labels, ...planned })
      const next = nextPage(intent, planned.plan)
      const later = next === null ? null : tryPlan(context, kind, next)
      if (later !== null && !(later instanceof Failure))
        add(found, { entity, label: `${label}, next page`, callers: kind.labels, ...later })
    }
  }
  const open = new Set([...found.values()].map((operation) => operation.label))
  return {
    operations: [...found.values()],
    refused: [...refused.values()].map((refusal) => ({ ...refusal, servedToOthers: open.has(refusal.label) })),
  }
}

function refuse(refused: Map<string, Omit<Refusal, 'servedToOthers'>>, refusal: Omit<Refusal, 'servedToOthers'>): void {
  const key = `${refusal.label}\n${refusal.detail}`
  const known = refused.get(key)
  refused.set(key, { ...refusal, callers: [...(known?.callers ?? []), ...refusal.callers] })
}

function add(found: Map<string, SampleOperation>, operation: SampleOperation): void {
  const key = `${operation.label}\n${operation.text}`
  const known = found.get(key)
  found.set(key, known === undefined ? operation : { ...known, callers: [...known.callers, ...operation.callers] })
}

/** Plans an intent, or returns the refusal. */
function tryPlan(context: PlanContext, { caller }: CallerKind, intent: Intent): Pick<SampleOperation, 'text' | 'plan'> | Failure {
  try {
    const { plan, statement } = planIntent(context, caller, intent)
    return { plan, text: render(statement.sql).text }
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}

interface Asking {
  readonly entity: Entity
  readonly kind: CallerKind
  readonly queries: readonly SampleQuery[]
}

function intentsOf(
  context: PlanContext,
  { entity, kind, queries }: Asking,
): readonly { readonly label: string; readonly intent: Intent }[] {
  const id = String(sampleValue(fieldNamed(entity, 'id').type) ?? SAMPLE_ID)
  const plain = { entity, ifMatch: null, prefer: null, query: '', body: undefined }
  const writes = (['create', 'patch'] as const).flatMap((operation) => {
    const body = sampleBody(context, { entity, kind, operation })
    if (body === null) return []
    const place = operation === 'create' ? { method: 'POST', id: null } : { method: 'PATCH', id }
    return [{ label: operation === 'create' ? 'create' : 'update', intent: readIntent({ ...plain, ...place, body }) }]
  })
  return [
    ...queries.map(({ label, about, query }) => ({
      label,
      intent: readIntent({ ...plain, method: 'GET', id: about === 'row' ? id : null, query }),
    })),
    ...writes,
    { label: 'delete', intent: readIntent({ ...plain, method: 'DELETE', id }) },
  ]
}

/** A body with every field that the caller may send, so that every rule and reference is in the plan; null where no body can be made. */
function sampleBody(
  context: PlanContext,
  { entity, kind, operation }: Omit<Asking, 'queries'> & Pick<InputRequest, 'operation'>,
): Readonly<Record<string, unknown>> | null {
  const view = viewOf(context.viewFor(kind.caller).view, entity.name)
  const input = inputOf(entity, { operation, writable: view.writable.keys() })
  const values = [...input.fields.values()].map((field) => [field.name, sampleValue(field.type)] as const)
  if (values.some(([name, value]) => value === undefined && input.required.includes(name))) return null
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}

/** The request for the next page of a list; null where a sort key has no sample, or where the list is not examined for its order. */
function nextPage(intent: Intent, plan: Plan): Intent | null {
  if (intent.kind !== 'list' || plan.kind !== 'list' || intent.count || intent.selection.include.size > 0) return null
  if (intent.sort.length === 0 && intent.conditions.length > 0) return null
  const keys = plan.order.map(({ term }) =>
    sampleValue({ kind: 'scalar', scalar: term.type.scalar, min: null, max: null, pattern: null, precision: null }),
  )
  if (keys.includes(undefined)) return null
  return { ...intent, after: writeCursor(plan.order, keys.map(String)) }
}
