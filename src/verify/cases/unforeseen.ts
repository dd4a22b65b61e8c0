/** Writes whose effect does not follow from the rules alone: hooks may change or refuse them. */

import { entityNamed, hasHooksFor, type Model } from '../../model/model.ts'
import { expectationOf } from '../expected/expectation.ts'
import { visibleRow } from '../expected/expected.ts'
import type { ReferenceBackend } from '../expected/reference.ts'
import { answersAlike, ruleOf } from '../expected/written-design.ts'
import type { CaseWorld } from '../worlds/world-of.ts'
import type { Case } from './case.ts'
import { DOORS_NOT_TESTED } from './doors.ts'
import type { LeftOut } from './family-plan.ts'

const WRITES = [
  { operation: 'create', what: 'creates' },
  { operation: 'update', what: 'changes' },
  { operation: 'delete', what: 'deletes' },
] as const

type Asked = Pick<Case, 'request' | 'user' | 'api' | 'refused'>

/** Whether hooks, or an answer that hides whether a login is taken, may change what a write does. */
export function isUnforeseen(reference: ReferenceBackend, asked: Asked): boolean {
  const { request, user, api, refused } = asked
  if (request.kind === 'create' && answersAlike(reference.design.entities[request.entity])) {
    // Such accounts are created alone, and not in transactions; GraphQL answers them in a form of its own.
    if (api !== 'rest' || request.many) return true
    if (refused === undefined && expectationOf(reference, user, request).statuses.some((status) => status < 300)) return true
  }
  return isHooked(reference, asked)
}

/** Whether hooks run in a write, if the rules are as the reference takes them. Values of a wrong form are refused before. */
export function isHooked(reference: ReferenceBackend, { request, user, refused }: Asked): boolean {
  if (request.kind === 'get' || request.kind === 'list' || refused !== undefined) return false
  const { hooks } = entityNamed(reference.model, request.entity)
  return hasHooksFor(hooks, request.kind) && !isRefusedBefore(reference, user, request)
}

/**
 * Whether the rules refuse a write before hooks run: no row may be created, the row is not seen, or it may not be deleted or changed as it
 * is.
 */
function isRefusedBefore(reference: ReferenceBackend, user: Asked['user'], request: Asked['request']): boolean {
  if (request.kind === 'get' || request.kind === 'list') return false
  const sight = reference.sightOf(user)
  const entity = entityNamed(reference.model, request.entity)
  if (request.kind === 'create') return !sight.kind.mayHold(entity.name, 'create')
  // An upsert of a row that is not seen goes on as a create.
  if (request.kind === 'update' && request.upsert !== undefined) return false
  const row = visibleRow({ reference, user, sight, entity }, request.id)
  if (row === null) return true
  const source = ruleOf(reference.design.entities[entity.name], request.kind === 'delete' ? 'delete' : 'update.from')
  return !sight.holds(entity.name, source, row)
}

/** Whether a request makes one account in REST, and its answer hides whether the login is taken: only the new row shows what it did. */
export function isHiddenCreate({ model, design }: ReferenceBackend, { request, api, refused }: Pick<Case, 'request' | 'api' | 'refused'>) {
  const isAlone = request.kind === 'create' && !request.many && api === 'rest' && refused === undefined
  return isAlone && answersAlike(design.entities[request.entity]) && !hasHooksFor(entityNamed(model, request.entity).hooks, 'create')
}

/** The writes of entities that hooks may change: `changes of Article`. */
function hookedWrites({ entities }: Model): readonly string[] {
  return entities.flatMap(({ name, hooks }) =>
    WRITES.filter(({ operation }) => hasHooksFor(hooks, operation)).map(({ what }) => `${what} of ${name}`),
  )
}

/** The parts of a design without cases about access, with the reason. */
export function leftOut({ model, design }: ReferenceBackend, world: CaseWorld): readonly LeftOut[] {
  const silent = model.entities.filter(({ name }) => answersAlike(design.entities[name]))
  const { rest, graphql } = model.served
  return [
    ...[...world.empty].map(([entity, why]) => ({ what: `rows of ${entity}`, why })),
    ...silent.map(({ name }) => ({
      what: `creates of ${name}`,
      why: 'in lists, transactions and GraphQL; their answer hides whether a login is taken',
    })),
    ...hookedWrites(model).map((what) => ({ what, why: 'hooks may change what they write' })),
    ...(rest === null ? [{ what: 'access through REST', why: 'the design serves no REST' }] : []),
    ...(graphql ? [] : [{ what: 'access through GraphQL', why: 'the design serves no GraphQL' }]),
    ...DOORS_NOT_TESTED,
  ]
}
