/** What `plan` says about personal data: what an erasure does with the rows of each entity, and which fields are encrypted. */

import { subjectsOf } from '../../design/privacy/review-erasure.ts'
import { type Model, storedScalar } from '../../model/model.ts'
import { erasureBehind, personalFields, possibleFates, reachedReferences, subjectFate } from '../../model/privacy/erasure.ts'
import { isSealed } from '../../model/privacy/sealed.ts'
import { columns } from '../terminal/layout.ts'

/** What an erasure does with rows of an entity, or with those that a reference leads from. */
export interface PlannedErasure {
  /** The entity of the person. */
  readonly person: string
  /** `User` for the row of the person, `Order.buyer` for rows that a reference leads from. */
  readonly of: string
  /** `delete`, `empty`, `unlink`, `keep` or `refuse`; several if the row that the reference leads to may end in several ways. */
  readonly does: readonly string[]
  /** The private fields of the entity. */
  readonly fields: readonly string[]
}

/** What erasures do; empty for a design without private fields. */
export function plannedErasures(model: Model): readonly PlannedErasure[] {
  if (!model.entities.some(({ fields }) => fields.some((field) => field.private))) return []
  return subjectsOf(model).flatMap((subject) => {
    const fates = possibleFates(model, subject)
    const names = (entity: typeof subject): readonly string[] => personalFields(model, entity).map(({ name }) => name)
    const own: PlannedErasure = { person: subject.name, of: subject.name, does: [subjectFate(subject)], fields: names(subject) }
    const behind = reachedReferences(model, subject.name).flatMap((reference): readonly PlannedErasure[] => {
      const does = [...new Set([...(fates.get(reference.target) ?? [])].map((fate) => erasureBehind(model, reference, fate)))]
      const of = `${reference.entity.name}.${reference.field.name}`
      return does.length === 0 ? [] : [{ person: subject.name, of, does, fields: names(reference.entity) }]
    })
    return [own, ...behind]
  })
}

const WORDS: Readonly<Record<string, string>> = {
  delete: 'row deleted',
  empty: 'row emptied',
  unlink: 'reference emptied',
  keep: 'row kept',
  refuse: 'refuses the erasure',
}

/** The lines of these. */
export function erasureLines(planned: readonly PlannedErasure[], heading: (title: string) => string): readonly string[] {
  if (planned.length === 0) return []
  const persons = [...new Set(planned.map(({ person }) => person))]
  return persons.flatMap((person) => [
    heading(`When a ${person} is erased`),
    ...columns(
      planned
        .filter((one) => one.person === person)
        .map(({ of, does, fields }) => [
          of,
          does.map((one) => WORDS[one] ?? one).join(' or '),
          fields.length === 0 ? '' : `private: ${fields.join(', ')}`,
        ]),
      '  ',
    ),
  ])
}

/** An encrypted field. */
export interface PlannedEncryption {
  /** `Patient.insurance`. */
  readonly field: string
  /** Whether requests find rows by equal values. */
  readonly equality: boolean
}

/** The encrypted fields, in the order of the design. */
export function plannedEncryption({ entities }: Model): readonly PlannedEncryption[] {
  return entities.flatMap((entity) =>
    entity.fields
      .filter(isSealed)
      .map(({ name, type }) => ({ field: `${entity.name}.${name}`, equality: storedScalar(type) === 'encryptedEqual' })),
  )
}

/** The lines of these. A migration of a field that was not encrypted changes no value, so they say what does. */
export function encryptionLines(planned: readonly PlannedEncryption[], heading: string): readonly string[] {
  if (planned.length === 0) return []
  return [
    heading,
    ...columns(
      planned.map(({ field, equality }) => [field, equality ? 'found by equal values, which show as equal digests' : 'found by no filter']),
      '  ',
    ),
    '  Values that were stored before a field was encrypted are encrypted by: plinth keys rotate',
  ]
}
