/** Mutants of fields: what a body may hold, what is set without being sent, and what the tables guard. */

import { ALWAYS } from '../../../model/expression.ts'
import type { FieldType } from '../../../model/field-type.ts'
import { type Entity, entityNamed, type Field, type Model } from '../../../model/model.ts'
import type { MutantKind } from '../kinds.ts'
import type { Mutant } from '../mutant.ts'
import { withEntity, withField } from '../rules/rule-places.ts'
import { isChanged, isCreated, isDeleted, isHeld, isHiddenLogin, longestByPattern } from './plantable.ts'

/** What a limit becomes when it is dropped: a limit far away, because some types must have one. */
const FAR = 1_000_000

/** All mutants of the fields and constraints of a model. */
export function fieldMutants(model: Model): readonly Mutant[] {
  return model.entities.flatMap((entity) => [
    ...entity.fields.flatMap((field) => [
      ...maintained(entity, field),
      // What no body holds, only steps of actions write, and no case looks at these.
      ...(isHeld(entity, field) ? [...presence(entity, field), ...types(entity, field)] : []),
      ...(isCreated(entity) ? presets(entity, field) : []),
    ]),
    ...constraints(model, entity),
  ])
}

interface Change {
  readonly kind: MutantKind
  readonly detail?: string
  readonly what: string
  readonly change: (field: Field) => Partial<Field>
}

function mutantOf(entity: Entity, field: Field, { kind, detail, what, change }: Change): Mutant {
  const at = `${entity.name}.${field.name}`
  return {
    name: `mutants/${kind}/${at}${detail === undefined ? '' : `/${detail}`}`,
    kind,
    what: `${at}: ${what}`,
    entity: entity.name,
    claims: [`values/${at}`, `security/F203/${entity.name}`],
    doors: null,
    plant: { kind: 'model', change: (model) => withField(model, entity.name, field.name, change) },
    rule: null,
  }
}

/** Fields that no request may set, or only once. */
function maintained(entity: Entity, field: Field): readonly Mutant[] {
  const { system, immutable, default: preset } = field
  const of = (kind: MutantKind, what: string, change: Change['change']): Mutant => mutantOf(entity, field, { kind, what, change })
  // No rule opens these: the exchange plants that they are accepted.
  if (system !== null) return []
  if (preset?.kind === 'set') {
    if (!isCreated(entity) && !isChanged(entity)) return []
    const change = (): Partial<Field> => ({ write: ALWAYS, immutable: false, default: { kind: 'expression', term: preset.term } })
    return [of('set-overridden', 'a body overrides the value of the server', change)]
  }
  return immutable && isChanged(entity) ? [of('immutable-ignored', 'it can be changed', () => ({ immutable: false }))] : []
}

function mayBeSent({ system, type, default: preset }: Field): boolean {
  return (
    system === null && type.kind !== 'computed' && preset?.kind !== 'set' && preset?.kind !== 'sequence' && preset?.kind !== 'generated'
  )
}

function presence(entity: Entity, field: Field): readonly Mutant[] {
  if (!mayBeSent(field)) return []
  if (field.optional)
    return [mutantOf(entity, field, { kind: 'optional-required', what: 'it is required', change: () => ({ optional: false }) })]
  return field.default === null
    ? [mutantOf(entity, field, { kind: 'required-dropped', what: 'it may be missing', change: () => ({ optional: true }) })]
    : []
}

function presets(entity: Entity, field: Field): readonly Mutant[] {
  const { default: preset, type } = field
  if (preset?.kind !== 'value' || !mayBeSent(field)) return []
  const lost = mutantOf(entity, field, {
    kind: 'default-changed',
    detail: 'lost',
    what: 'it has no default',
    change: () => ({ default: null }),
  })
  const other = otherDefault(type, preset.value)
  if (other === undefined) return [lost]
  const change = (): Partial<Field> => ({ default: { kind: 'value', value: other } })
  return [
    lost,
    mutantOf(entity, field, { kind: 'default-changed', detail: 'other', what: `its default is ${JSON.stringify(other)}`, change }),
  ]
}

function otherDefault(type: FieldType, value: unknown): unknown {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return value + 1
  return type.kind === 'choice' ? type.values.find((one) => one !== value) : undefined
}

interface Limit {
  readonly detail: string
  readonly what: string
  readonly type: FieldType
}

function types(entity: Entity, field: Field): readonly Mutant[] {
  if (!mayBeSent(field)) return []
  const { type } = field
  const of = (kind: MutantKind, { detail, what, type: next }: Limit): Mutant =>
    mutantOf(entity, field, { kind, detail, what, change: () => ({ type: next }) })
  const limits = limitsOf(type)
  return [
    ...limits.moved.map((limit) => of('limit-moved', limit)),
    ...limits.dropped.map((limit) => of('limit-dropped', limit)),
    ...withoutForm(type).map((limit) => of('pattern-dropped', limit)),
    ...(type.kind === 'choice'
      ? [
          of('choice-added', {
            detail: 'more',
            what: 'it takes another value',
            type: { ...type, values: [...type.values, [...type.values, 'x'].join('-')] },
          }),
          ...type.values
            .filter((value) => !isDefault(field, value))
            .map((value) =>
              of('choice-lost', {
                detail: value,
                what: `it does not take ${value}`,
                type: { ...type, values: type.values.filter((one) => one !== value) },
              }),
            ),
        ]
      : []),
  ]
}

/** A default must be one of the values. */
function isDefault({ default: preset }: Field, value: string): boolean {
  return preset?.kind === 'value' && preset.value === value
}

type Limited = Extract<FieldType, { kind: 'scalar' | 'list' | 'password' }>

function limitsOf(type: FieldType): { readonly moved: readonly Limit[]; readonly dropped: readonly Limit[] } {
  if (type.kind !== 'scalar' && type.kind !== 'list' && type.kind !== 'password') return { moved: [], dropped: [] }
  // The limits of addresses belong to the type, and not to the field.
  if (type.kind === 'scalar' && (type.scalar === 'email' || type.scalar === 'url')) return { moved: [], dropped: [] }
  const limit = (name: 'min' | 'max', next: number | null, detail: string): Limit => ({
    detail: `${name}${detail}`,
    what: next === null || next === FAR ? `${name} is dropped` : `${name} is ${next}`,
    type: { ...type, [name]: next } as Limited,
  })
  const each = (['min', 'max'] as const).flatMap((name) => {
    const value = type[name]
    // Limits as texts are decimals and dates; a step of them depends on more than the limit.
    return typeof value === 'number' && Number.isInteger(value) ? [{ name, value }] : []
  })
  // Where the pattern accepts nothing longer, a greater limit changes nothing.
  const longest = longestByPattern(type)
  const isMoot = (name: 'min' | 'max', value: number, next: number): boolean => name === 'max' && longest <= Math.min(value, next)
  return {
    moved: each.flatMap(({ name, value }) =>
      [value - 1, value + 1]
        .filter((next) => (next >= 0 || type.kind === 'scalar') && !isMoot(name, value, next))
        .map((next) => limit(name, next, next < value ? '-1' : '+1')),
    ),
    dropped: each
      .filter(({ name, value }) => (name === 'max' || value > 0) && !isMoot(name, value, FAR))
      .map(({ name }) => limit(name, name === 'max' ? FAR : dropped(type), '')),
  }
}

function dropped(type: Limited): number | null {
  return type.kind === 'scalar' && type.scalar !== 'text' ? null : 0
}

function withoutForm(type: FieldType): readonly Limit[] {
  if (type.kind === 'password' && type.pattern !== null)
    return [{ detail: 'pattern', what: 'its pattern is dropped', type: { ...type, pattern: null } }]
  if (type.kind !== 'scalar') return []
  const pattern = type.pattern === null ? [] : [{ detail: 'pattern', what: 'its pattern is dropped', type: { ...type, pattern: null } }]
  const isFormed = type.scalar === 'email' || type.scalar === 'url'
  return isFormed
    ? [...pattern, { detail: 'format', what: 'its format is not checked', type: { ...type, scalar: 'text', max: type.max ?? 254 } }]
    : pattern
}

function constraints(model: Model, entity: Entity): readonly Mutant[] {
  const { name, indexes, fields } = entity
  const { uniques, checks } = isCreated(entity) || isChanged(entity) ? entity : { uniques: [], checks: [] }
  const of = (kind: MutantKind, detail: string, what: string, change: (own: Entity) => Partial<Entity>): Mutant => ({
    name: `mutants/${kind}/${name}/${detail}`,
    kind,
    what: `${name}: ${what}`,
    entity: name,
    claims: [`values/${name}.${detail}`, `access/${name}.create`, `relations/${name}`, `races/${name}`, `lists/${name}`, `indexes/${name}`],
    doors: null,
    plant: { kind: 'model', change: (model: Model) => withEntity(model, name, change) },
    rule: null,
  })
  return [
    ...uniques
      .filter((unique) => unique.fields.join() !== 'id' && !isHiddenLogin(model, entity, unique.fields))
      .map((unique) =>
        of('unique-dropped', unique.fields.join(','), `${unique.fields.join(', ')} may occur twice`, (own) => ({
          uniques: own.uniques.filter((one) => one.fields.join() !== unique.fields.join()),
        })),
      ),
    ...checks.map((check) =>
      of('check-dropped', check.name, `the check ${check.name} is dropped`, (own) => ({
        checks: own.checks.filter((one) => one.name !== check.name),
      })),
    ),
    ...indexes.map((_, i) => {
      const parts = entity.indexes[i]?.parts.map(({ field, descending }) => `${descending ? '-' : ''}${field}`).join(',') ?? ''
      return of('index-dropped', parts, `the index on ${parts} is not there`, (own) => ({
        indexes: own.indexes.filter((_one, j) => j !== i),
      }))
    }),
    ...fields.flatMap((field) =>
      onDelete(model, field).map((rule) =>
        of('delete-rule-of-reference', `${field.name}:${rule}`, `${field.name} is deleted by ${rule}`, (own) => ({
          fields: own.fields.map((one) =>
            one.name === field.name && one.type.kind === 'ref' ? { ...one, type: { ...one.type, onDelete: rule } } : one,
          ),
        })),
      ),
    ),
  ]
}

/** The other ways to treat a row whose reference leads to a deleted one; none where such rows cannot be deleted. */
function onDelete(model: Model, { type, optional }: Field): readonly ('restrict' | 'cascade' | 'setNull')[] {
  if (type.kind !== 'ref' || !canGo(model, type.entity, new Set())) return []
  const rules = optional ? (['restrict', 'cascade', 'setNull'] as const) : (['restrict', 'cascade'] as const)
  return rules.filter((rule) => rule !== type.onDelete)
}

/** Whether somebody may delete rows of an entity, or rows with which they are deleted. */
function canGo(model: Model, name: string, seen: ReadonlySet<string>): boolean {
  const { access, fields } = entityNamed(model, name)
  if (isDeleted({ access })) return true
  const above = fields.flatMap(({ type }) => (type.kind === 'ref' && type.onDelete === 'cascade' ? [type.entity] : []))
  return above.some((one) => !seen.has(one) && canGo(model, one, new Set([...seen, name])))
}
