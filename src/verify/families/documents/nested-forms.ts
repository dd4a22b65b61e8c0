/** Forms of rows that are created together with their parent: what is no list of rows is refused, and so are too many rows and levels. */

import type { Entity } from '../../../model/model.ts'
import { entityNamed } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { BodyValues } from '../../expected/abstract-request.ts'
import type { Creator } from '../../security/spoiled-bodies.ts'

/** The most nested rows of a request (docs/reference/rest.md#limits). */
const MOST_ROWS = 100

/** A body of a create that must be refused, and the end of the pointer that the refusal must have. */
export interface NestedForm {
  readonly goal: string
  readonly body: BodyValues
  readonly pointer: string
}

/** The forms for the first relation whose rows the caller may create; none if there is no such one. */
export function nestedForms({ reference }: PlannedWorld, entity: Entity, { user, good: [good = {}] }: Creator): readonly NestedForm[] {
  const { kind } = reference.sightOf(user)
  const relation = entity.relations.find(({ entity: child, via }) => {
    const open = entityNamed(reference.model, child)
    // Accounts are created alone where their answer hides whether a login is taken.
    return (
      kind.mayHold(child, 'create') &&
      kind.writable(child).has(via) &&
      child !== reference.model.identity?.entity &&
      !open.fields.some(({ type }) => type.kind === 'password')
    )
  })
  if (relation === undefined) return []
  const { name, via } = relation
  const form = (goal: string, value: unknown, at = ''): NestedForm => ({
    goal: `nested-${goal}`,
    body: { ...good, [name]: value },
    pointer: `/${name}${at}`,
  })
  return [
    form('no-list', {}),
    form('text', 'x'),
    form('null', null),
    form('number-inside', [1], '/0'),
    form('null-inside', [null], '/0'),
    form('list-inside', [[]], '/0'),
    form('parent-named', [{ [via]: '01900000-0000-7000-8000-00000000dead' }], `/0/${via}`),
    form(
      'too-many',
      Array.from({ length: MOST_ROWS + 1 }, () => ({})),
    ),
  ]
}
