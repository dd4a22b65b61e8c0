/** What a design says about the data of one person: which rows are about the person, and what an erasure does with them. */

import { type Entity, type Field, isToken, type Model } from '../model.ts'
import type { RowErasure } from '../parts/erasure-options.ts'

/** What an erasure does with rows that a reference leads from. `refuse`: it does not take place while there are any. */
export type ReferenceErasure = RowErasure | 'refuse'

/** A reference to rows that an erasure reaches. */
export interface ReachedReference {
  readonly entity: Entity
  readonly field: Field
  /** The entity that it leads to. */
  readonly target: string
  /** Whether its rows are about the person, or about somebody else. */
  readonly about: 'person' | 'other'
}

/** The fate of a row that an erasure reaches. */
export type Fate = 'delete' | 'empty'

/** What the erasure does with the row of the person. */
export function subjectFate({ erase }: Pick<Entity, 'erase'>): Fate {
  return erase ?? 'delete'
}

/** Whether the values of a field are data of the person: private ones, and what an account signs in with. */
export function isPersonal(model: Pick<Model, 'identity'>, entity: Pick<Entity, 'name'>, field: Field): boolean {
  if (field.type.kind === 'computed' || field.system !== null) return false
  const { identity } = model
  const signsIn = identity?.entity === entity.name && (identity.login === field.name || identity.password === field.name)
  return field.private || signsIn || isToken(field)
}

/** The fields of an entity whose values are data of the person. */
export function personalFields(model: Pick<Model, 'identity'>, entity: Entity): readonly Field[] {
  return entity.fields.filter((field) => isPersonal(model, entity, field))
}

/**
 * All references that an erasure may follow from a row of `subject`, nearest first. A row is about the person if it refers to the person,
 * or to a row about the person and to no person itself.
 */
export function reachedReferences(model: Model, subject: string): readonly ReachedReference[] {
  const found: ReachedReference[] = []
  const own = new Set([subject])
  const reached = [subject]
  for (const target of reached) {
    for (const entity of model.entities) {
      for (const field of entity.fields) {
        if (field.type.kind !== 'ref' || field.type.entity !== target) continue
        const isAbout = own.has(target) && (target === subject || !refersTo(entity, subject))
        found.push({ entity, field, target, about: isAbout ? 'person' : 'other' })
        if (isAbout) own.add(entity.name)
        if (!reached.includes(entity.name)) reached.push(entity.name)
      }
    }
  }
  return found
}

function refersTo(entity: Entity, target: string): boolean {
  return entity.fields.some(({ type }) => type.kind === 'ref' && type.entity === target)
}

/** What happens to a row with this reference when the row that it leads to has this fate. */
export function erasureBehind(model: Pick<Model, 'identity'>, { entity, field, about }: ReachedReference, fate: Fate): ReferenceErasure {
  if (field.erase !== undefined) return field.erase
  if (fate === 'empty') return about === 'person' && personalFields(model, entity).length > 0 ? 'empty' : 'keep'
  const onDelete = field.type.kind === 'ref' ? field.type.onDelete : 'restrict'
  if (onDelete === 'cascade') return 'delete'
  if (onDelete === 'setNull') return about === 'person' ? 'empty' : 'unlink'
  return 'refuse'
}

/** The fates that rows of each entity may have in an erasure of a row of `subject`. */
export function possibleFates(model: Model, subject: Entity): ReadonlyMap<string, ReadonlySet<Fate>> {
  const fates = new Map<string, Set<Fate>>([[subject.name, new Set([subjectFate(subject)])]])
  const references = reachedReferences(model, subject.name)
  for (let grew = true; grew; ) {
    grew = false
    for (const reference of references) {
      for (const fate of fates.get(reference.target) ?? []) {
        const erasure = erasureBehind(model, reference, fate)
        if (erasure !== 'delete' && erasure !== 'empty') continue
        const own = fates.get(reference.entity.name) ?? new Set<Fate>()
        grew ||= !own.has(erasure)
        fates.set(reference.entity.name, own.add(erasure))
      }
    }
  }
  return fates
}

/** The text that stands for the random part of a value that an erasure leaves. */
export const ERASED_ID = '{id}'

/**
 * The value that stands in place of a personal one, before the id is filled in. Undefined for a required field for which the design names
 * none. The password of an account becomes a text that is no hash, so nobody signs in with it.
 */
export function erasedValue(field: Field): unknown {
  if (field.erased !== undefined) return field.erased
  if (field.type.kind === 'password' || isToken(field)) return `erased ${ERASED_ID}`
  if (field.optional) return null
  return field.type.kind === 'list' && (field.type.min ?? 0) === 0 ? [] : undefined
}
