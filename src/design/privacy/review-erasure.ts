/** Reviews what an erasure of a person would do: what could not be done is a finding now. */

import type { Entity, Field, Model } from '../../model/model.ts'
import {
  ERASED_ID,
  erasedValue,
  erasureBehind,
  isPersonal,
  personalFields,
  possibleFates,
  type ReachedReference,
  reachedReferences,
} from '../../model/privacy/erasure.ts'
import { quote, type Report } from '../findings/report.ts'
import { readDefault } from '../types/defaults.ts'

/** Adds the findings about `erase` and `erased`. Rows of the identity entity, and of entities with `erase`, can be persons. */
export function reviewErasure(model: Model, report: Report): void {
  for (const entity of model.entities) for (const field of entity.fields) reviewValue(model, { entity, field }, report)
  if (!model.entities.some(usesErasure)) return
  const emptied = new Map<string, Entity>()
  for (const subject of subjectsOf(model)) {
    const fates = possibleFates(model, subject)
    for (const entity of model.entities) if (fates.get(entity.name)?.has('empty') === true) emptied.set(entity.name, entity)
    for (const reference of reachedReferences(model, subject.name)) reviewReference(model, { reference, subject, fates }, report)
  }
  for (const entity of emptied.values()) reviewEmptied(model, entity, report)
}

/** The entities whose rows can be persons. */
export function subjectsOf(model: Model): readonly Entity[] {
  return model.entities.filter(({ name, erase }) => erase !== undefined || model.identity?.entity === name)
}

function usesErasure({ erase, fields }: Entity): boolean {
  return erase !== undefined || fields.some((field) => field.erase !== undefined)
}

interface Place {
  readonly entity: Entity
  readonly field: Field
}

function reviewValue(model: Model, { entity, field }: Place, report: Report): void {
  const { erased } = field
  if (erased === undefined) return
  const at = ['entities', entity.name, 'fields', field.name, 'erased']
  if (!isPersonal(model, entity, field)) {
    report.add(
      'PLN-D731',
      at,
      `${quote(field.name)} is not private, so an erasure leaves it as it is`,
      'add private: true, or remove erased',
    )
    return
  }
  const isRandom = typeof erased === 'string' && erased.includes(ERASED_ID)
  const sample = isRandom ? erased.replaceAll(ERASED_ID, '00000000-0000-4000-8000-000000000000') : erased
  const read = erased === null && field.optional ? { ok: true as const } : readDefault(field.type, sample)
  if (!read.ok) report.add('PLN-D731', at, read.problem)
  const isUnique = [...entity.uniques, ...entity.conditionalUniques].some(({ fields }) => fields.includes(field.name))
  if (read.ok && isUnique && !isRandom && erased !== null)
    report.add(
      'PLN-D731',
      at,
      `the values of ${quote(field.name)} are unique, and this one would be there twice`,
      `write ${ERASED_ID} in it`,
    )
}

interface Reached {
  readonly reference: ReachedReference
  readonly subject: Entity
  readonly fates: ReturnType<typeof possibleFates>
}

function reviewReference(model: Model, { reference, subject, fates }: Reached, report: Report): void {
  const { entity, field, target } = reference
  const at = ['entities', entity.name, 'fields', field.name]
  if (field.erase === 'unlink' && !field.optional) {
    report.add(
      'PLN-D732',
      [...at, 'erase'],
      `${quote(field.name)} is required, so it cannot be unlinked`,
      'add optional: true, or write delete',
    )
    return
  }
  if (fates.get(target)?.has('delete') !== true) return
  const erasure = erasureBehind(model, reference, 'delete')
  if ((erasure === 'empty' && !field.optional) || erasure === 'keep')
    report.add(
      'PLN-D732',
      [...at, 'erase'],
      `the ${target} that ${quote(field.name)} leads to is deleted, so the row cannot stay as it is`,
      `write erase: delete, make ${field.name} optional and write ${erasure === 'keep' ? 'unlink' : 'empty'}, or keep the row: ${target} with erase: empty`,
    )
  if (erasure === 'refuse')
    report.add(
      'PLN-D733',
      at,
      `a ${subject.name} cannot be erased as long as a ${entity.name} refers to the ${target} by ${quote(field.name)}`,
      `write erase: delete or unlink here, or erase: empty for ${target}`,
    )
}

function reviewEmptied(model: Model, entity: Entity, report: Report): void {
  for (const field of personalFields(model, entity)) {
    if (erasedValue(field) !== undefined) continue
    report.add(
      'PLN-D730',
      ['entities', entity.name, 'fields', field.name],
      `an erasure empties ${entity.name}, and ${quote(field.name)} is required`,
      field.type.kind === 'file' ? 'make it optional' : `make it optional, or add erased: …, such as erased: '${ERASED_ID}'`,
    )
  }
}
