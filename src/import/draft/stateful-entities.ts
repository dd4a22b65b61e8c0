/** The entity that has the states of a diagram, where the source has no field for them. */

import type { SourcePlace } from '../text/source-file.ts'
import { carry, type DraftField, type Drafting, type NamedEntity } from './draft.ts'
import { newNamedEntity } from './named-entities.ts'
import { memberName, ownName, untakenName } from './names.ts'

/** Words of titles that say that states follow, and not of what. */
const ABOUT_STATES =
  /^(?:states?|status(?:es)?|machines?|diagrams?|life|cycles?|lifecycles?|transitions?|flows?|workflows?|overview|the|an?|of|for|and|mermaid|visual|main|allowed|valid|model|chart|statechart|fsm)$/i

/** What a title is about: `The lifecycle of an order` is about `order`. The name of the design for a title of other words. */
export function subjectOfTitle(title: string | null, { draft, entities }: Drafting): string {
  const words = (title ?? '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .split(' ')
    .filter((word) => /^\p{L}/u.test(word) && !ABOUT_STATES.test(word))
  const known = words.find((word) => entities.some(({ name }) => bareName(name) === bareName(word)))
  if (known !== undefined) return known
  const own = words.length > 0 && words.length <= 3 ? words.join(' ') : draft.design.name
  return /^(?:states?|state machine|design|architecture|backend)$/i.test(own.replaceAll('-', ' ')) ? 'item' : own
}

/** A name in lower case, without signs and a plural. */
export function bareName(name: string): string {
  return name
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase()
    .replace(/ies$/, 'y')
    .replace(/([^s])s$/, '$1')
}

interface Stateful {
  /** What has the states. */
  readonly subject: string
  readonly field: string
  readonly states: readonly string[]
  readonly at: SourcePlace
  /** The entity of this name that the source has; null for none. */
  readonly known: NamedEntity | null
}

/** Adds a field for the states to the known entity, or to a new one. */
export function addStatefulEntity(
  { subject, field: wanted, states, at, known }: Stateful,
  drafting: Drafting,
): { readonly entity: NamedEntity; readonly name: string; readonly field: DraftField; readonly note: string } {
  const entity = known ?? newNamedEntity(subject, at, drafting)
  const name = untakenName(ownName(memberName(wanted)), entity.taken)
  const field: DraftField = { type: 'choice', values: [...states] }
  entity.design.fields[name] = field
  const note = `${known === null ? `${entity.name} was made` : `${entity.name}.${name} was added`} for its states`
  if (known === null) carry(drafting.draft, ['entities', entity.name], { kind: 'entity', name: entity.name, at, note })
  return { entity, name, field, note }
}
