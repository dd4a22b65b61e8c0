/** Writes whose effect does not follow from the rules: hooks may change or refuse them. */

import { entityNamed, hasHooksFor, type Model } from '../../model/model.ts'
import { expectationOf } from '../expected/expectation.ts'
import type { ReferenceBackend } from '../expected/reference.ts'
import { answersAlike } from '../expected/written-design.ts'
import type { Case } from './case.ts'

const WRITES = [
  { operation: 'create', what: 'creates' },
  { operation: 'update', what: 'changes' },
  { operation: 'delete', what: 'deletes' },
] as const

/** Whether hooks, or an answer that hides whether a login is taken, may change what a write does. */
export function isUnforeseen(
  reference: ReferenceBackend,
  { request, user, api, refused }: Pick<Case, 'request' | 'user' | 'api' | 'refused'>,
): boolean {
  const { model, design } = reference
  if (request.kind === 'get' || request.kind === 'list') return false
  if (request.kind === 'create' && answersAlike(design.entities[request.entity])) {
    // Such accounts are created alone, and not in transactions; GraphQL answers them in a form of its own.
    if (api !== 'rest' || request.many) return true
    if (refused === undefined) return expectationOf(reference, user, request).statuses.some((status) => status < 300)
  }
  return hasHooksFor(entityNamed(model, request.entity).hooks, request.kind)
}

/** Whether a request makes one account in REST, and its answer hides whether the login is taken: only the new row shows what it did. */
export function isHiddenCreate({ model, design }: ReferenceBackend, { request, api, refused }: Pick<Case, 'request' | 'api' | 'refused'>) {
  const isAlone = request.kind === 'create' && !request.many && api === 'rest' && refused === undefined
  return isAlone && answersAlike(design.entities[request.entity]) && !hasHooksFor(entityNamed(model, request.entity).hooks, 'create')
}

/** The writes of entities that hooks may change: `changes of Article`. */
export function hookedWrites({ entities }: Model): readonly string[] {
  return entities.flatMap(({ name, hooks }) =>
    WRITES.filter(({ operation }) => hasHooksFor(hooks, operation)).map(({ what }) => `${what} of ${name}`),
  )
}
