/** Random steps of actions, of every kind and with every option. */

import type { ActionDesign, InputDesign, StepDesign, ValueDesign } from '../../../src/design/authoring/logic-design.ts'
import type { Random } from '../../support/random.ts'
import type { AuthoredDesign, AuthoredField } from './authored.ts'
import { condition, fieldPath, type NamedEntity, randomValue, rowPath, rowsPath, type Spot } from './logic-terms.ts'

/** What a step is made for. */
export interface Making {
  readonly design: AuthoredDesign
  readonly as: string
  readonly isSystem: boolean
  readonly inputs: readonly string[]
}

/** A step, null for none, and what its name stands for. */
export interface RandomStep {
  readonly step: StepDesign | null
  readonly named:
    | (NamedEntity & { readonly kind: 'row' | 'rows' })
    | { readonly kind: 'values'; readonly name: string; readonly type: string }
    | null
}

type Verb = 'find' | 'list' | 'require' | 'create' | 'ensure' | 'update' | 'delete' | 'call'

const VERBS: readonly Verb[] = [
  'find',
  'list',
  'require',
  'require',
  'create',
  'create',
  'ensure',
  'ensure',
  'update',
  'update',
  'update',
  'delete',
  'delete',
  'call',
  'call',
]

/** A step that mostly fits the place. Some are invalid. */
export function randomStep(spot: Spot, making: Making): RandomStep {
  const { random } = spot
  const verb = random.pick(VERBS)
  const when = random.chance(0.2) ? { when: condition(spot, 1) } : {}
  switch (verb) {
    case 'find':
      return randomFind(spot, making, when)
    case 'list':
      return randomList(spot, making, when)
    case 'require':
      return { step: { ...withEach(spot, 0.2, (inner) => ({ require: condition(inner, 2) })), ...when, ...elseOf(random) }, named: null }
    case 'create':
    case 'ensure':
      return randomCreate(spot, making, { verb, when })
    case 'update':
      return randomUpdate(spot, making, when)
    case 'delete':
      return randomDelete(spot, when)
    case 'call':
      return randomCall(spot, making, when)
  }
}

function elseOf(random: Random): { readonly else?: string } {
  return random.chance(0.6) ? { else: random.pick(['declined', 'busy', 'not_today', 'not_found']) } : {}
}

type When = { readonly when?: string }

/** A step, sometimes once for each row of a relation or a list. */
function withEach<S extends object>(spot: Spot, probability: number, make: (spot: Spot) => S): S & { readonly each?: string } {
  const { random } = spot
  const over = random.chance(probability) ? rowsPath({ ...spot, bare: null }) : null
  if (over === null) return make(spot)
  const name = `e${random.below(90)}`
  return {
    ...make({ ...spot, rows: [...spot.rows, { name, entity: over.entity }, { name, entity: over.entity }] }),
    each: `${name} in ${over.name}`,
  }
}

function taken(spot: Spot, design: AuthoredDesign): NamedEntity {
  const { random } = spot
  const entity = random.pick(Object.keys(design.entities))
  return (random.chance(0.5) ? rowsPath({ ...spot, bare: null }) : null) ?? { name: entity, entity }
}

function sortOf({ random, fields }: Spot, entity: string): { readonly sort?: readonly string[] } {
  const sortable = Object.entries(fields.get(entity) ?? {}).filter(([, { type }]) =>
    ['text', 'integer', 'timestamp', 'decimal'].includes(type),
  )
  if (sortable.length === 0 || !random.chance(0.6)) return {}
  return { sort: [`${random.chance(0.5) ? '-' : ''}${random.pick(sortable)[0]}`] }
}

function whereOf(spot: Spot, entity: string, probability: number): { readonly where?: string | readonly string[] } {
  const { random } = spot
  const inner: Spot = { ...spot, bare: entity }
  if (!random.chance(probability)) return {}
  return { where: random.chance(0.2) ? [condition(inner, 1), condition(inner, 1)] : condition(inner, 1) }
}

function randomFind(spot: Spot, { design, as }: Making, when: When): RandomStep {
  const { name, entity } = taken(spot, design)
  const how = spot.random.chance(0.3) ? { optional: true } : elseOf(spot.random)
  return {
    step: { find: name, ...whereOf(spot, entity, 0.8), ...sortOf(spot, entity), ...how, ...when, as },
    named: { kind: 'row', name: as, entity },
  }
}

/** The types of fields whose different values a list takes. */
const VALUES: ReadonlySet<string> = new Set(['text', 'list', 'integer', 'decimal', 'choice', 'ref', 'timestamp', 'date', 'boolean'])

function randomList(spot: Spot, { design, as }: Making, when: When): RandomStep {
  const { random } = spot
  const { name, entity } = taken(spot, design)
  const limit: ValueDesign = random.chance(0.7) ? 1 + random.below(5) : (fieldPath({ ...spot, bare: null }, ['integer']) ?? 3)
  const offset = random.chance(0.25) ? { offset: random.below(3) } : {}
  const values = Object.entries(spot.fields.get(entity) ?? {}).filter(([, { type }]) => VALUES.has(type))
  if (values.length > 0 && random.chance(0.2)) {
    const [distinct, { type }] = random.pick(values)
    const sort = random.chance(0.4) ? { sort: [random.pick([distinct, `-${distinct}`])] } : {}
    const isText = type === 'text' || type === 'list'
    return {
      step: { list: name, distinct, ...whereOf(spot, entity, 0.5), ...sort, limit, ...offset, ...when, as },
      named: { kind: 'values', name: as, type: isText ? 'list' : 'values' },
    }
  }
  return {
    step: { list: name, ...whereOf(spot, entity, 0.7), ...sortOf(spot, entity), limit, ...offset, ...when, as },
    named: { kind: 'rows', name: as, entity },
  }
}

/** The types of fields that no step gives a value. */
const NOT_GIVEN: readonly string[] = ['computed', 'sequence', 'token', 'password', 'email']

/** The values of a new row: those that it needs, and some others. */
function newValues(spot: Spot, fields: Readonly<Record<string, AuthoredField>>, needed: readonly string[]): Record<string, ValueDesign> {
  const { random } = spot
  const values: Record<string, ValueDesign> = {}
  for (const [name, field] of Object.entries(fields)) {
    if (NOT_GIVEN.includes(field.type)) continue
    const isRequired = field.optional !== true && field.default === undefined && field.set === undefined
    const isWanted = isRequired || needed.includes(name) || (field.set === undefined ? random.chance(0.35) : random.chance(0.1))
    if (!isWanted) continue
    const value = randomValue({ ...spot, bare: null }, name, field)
    if (value !== null || !isRequired) values[name] = value
  }
  return values
}

function randomCreate(
  spot: Spot,
  { design, as }: Making,
  { verb, when }: { readonly verb: 'create' | 'ensure'; readonly when: When },
): RandomStep {
  const { random } = spot
  const usable = Object.entries(design.entities).filter(
    ([name, { unique }]) => name !== 'User' && (verb === 'create' || unique !== undefined),
  )
  if (usable.length === 0) return { step: null, named: null }
  const [entity, { fields }] = random.pick(usable)
  const named = random.chance(0.75) ? { as } : {}
  const step = withEach(spot, 0.25, (inner): StepDesign => {
    const set = newValues(inner, fields, verb === 'ensure' ? ['owner', 'slot'] : [])
    if (verb === 'create') return { create: entity, set, ...when, ...named }
    const existing = random.chance(0.5) ? { existing: changes({ ...inner, bare: entity }, fields) } : {}
    return { ensure: entity, set, ...existing, ...when, ...named }
  })
  const isMany = 'each' in step && step.each !== undefined
  if (!('as' in named)) return { step, named: null }
  return { step, named: { kind: isMany ? 'rows' : 'row', name: as, entity } }
}

/** Values for one to three fields of rows that are there. */
function changes(spot: Spot, fields: Readonly<Record<string, AuthoredField>>): Record<string, ValueDesign> {
  const { random } = spot
  const open = Object.entries(fields).filter(
    ([, { type, immutable, set }]) => !NOT_GIVEN.includes(type) && immutable !== true && (set === undefined || random.chance(0.2)),
  )
  const picked = new Map(Array.from({ length: 1 + random.below(3) }, () => random.pick(open)))
  return Object.fromEntries([...picked].map(([name, field]) => [name, randomValue(spot, name, field)]))
}

function randomUpdate(spot: Spot, { design, as, inputs }: Making, when: When): RandomStep {
  const { random } = spot
  const form = random.below(3)
  const isNamed = random.chance(0.3) ? { as } : {}
  const step = withEach(spot, form === 0 ? 0.5 : 0, (inner): StepDesign => {
    const target = form === 0 ? rowPath(inner) : form === 1 ? rowsPath(inner) : null
    const entity = target?.entity ?? random.pick(Object.keys(design.entities))
    const where = whereOf(inner, entity, target === null ? 1 : 0.3)
    const isInput = inputs.length > 0 && random.chance(0.2)
    const fields = design.entities[entity]?.fields ?? {}
    const set = isInput
      ? { [random.pick(Object.keys(fields))]: `input.${random.pick(inputs)}` }
      : changes({ ...inner, bare: entity }, fields)
    return { update: target?.name ?? entity, ...where, set, ...when, ...isNamed }
  })
  const entity = 'update' in step ? entityIn(spot, step.update) : null
  if (entity === null || !('as' in step) || step.as === undefined) return { step, named: null }
  const isMany = form !== 0 || ('each' in step && step.each !== undefined)
  return { step, named: { kind: isMany ? 'rows' : 'row', name: as, entity } }
}

function entityIn({ fields }: Spot, source: string): string | null {
  return fields.has(source) ? source : null
}

function randomDelete(spot: Spot, when: When): RandomStep {
  const { random } = spot
  const step = withEach(spot, 0.3, (inner): StepDesign => {
    const target = random.chance(0.5) ? rowPath(inner) : rowsPath(inner)
    if (target === null || target.entity === 'User') return { delete: 'User' }
    return { delete: target.name, ...whereOf(inner, target.entity, 0.4), ...when }
  })
  return { step, named: null }
}

/** Whether each step of an action can run for several elements at once. */
function isForSeveral({ steps = [] }: ActionDesign): boolean {
  return steps.every(
    (step) => !('find' in step || 'list' in step || 'call' in step || 'signIn' in step || 'as' in step) && step.each === undefined,
  )
}

function randomCall(spot: Spot, making: Making, when: When): RandomStep {
  const isEach = spot.random.chance(0.5)
  if (!isEach) return { step: callOf(spot, making, { when, isEach }), named: null }
  const step = withEach(spot, 1, (inner) => callOf(inner, making, { when, isEach }) ?? { call: '' })
  return { step: step.call === '' ? null : step, named: null }
}

function callOf(
  spot: Spot,
  { design }: Making,
  { when, isEach }: { readonly when: When; readonly isEach: boolean },
): (StepDesign & { readonly call: string }) | null {
  const { random } = spot
  const own = Object.entries(design.entities).flatMap(([entity, { actions = {} }]) =>
    Object.entries(actions).map(([name, action]) => ({ entity, name, action })),
  )
  const moves = Object.values(design.workflows ?? {}).flatMap(({ entity, transitions }) =>
    Object.entries(transitions).map(([name, action]) => ({ entity, name, action })),
  )
  const global = Object.entries(design.actions ?? {}).map(([name, action]) => ({ entity: null, name, action }))
  const all = [...own, ...moves, ...moves, ...moves, ...global].filter(
    ({ action }) => !isEach || (isForSeveral(action) && action.run === undefined),
  )
  if (all.length === 0) return null
  const { entity, name, action } = random.pick(all)
  const on = entity === null ? null : (Array.from({ length: 8 }, () => rowPath(spot)).find((at) => at?.entity === entity) ?? null)
  if (entity !== null && on === null) return null
  const input = Object.fromEntries(
    Object.entries(action.input ?? {}).flatMap(([key, form]): readonly (readonly [string, ValueDesign])[] => {
      const value = inputValue(spot, design, form)
      const isOptional = typeof form === 'string' ? form.endsWith('?') : form.optional === true || 'default' in form
      return value === null || (isOptional && random.chance(0.5)) ? [] : [[key, value]]
    }),
  )
  const label = entity === null ? name : `${entity}.${name}`
  return { call: label, ...(on === null ? {} : { on: on.name }), ...(Object.keys(input).length === 0 ? {} : { input }), ...when }
}

function inputValue(spot: Spot, design: AuthoredDesign, form: InputDesign): ValueDesign {
  if (typeof form === 'string') {
    const [entity = '', field = ''] = form.replace('?', '').split('.')
    const authored = design.entities[entity]?.fields[field]
    return randomValue(spot, field, authored ?? { type: entity === 'integer' ? 'integer' : 'text' })
  }
  if ('ref' in form) return randomValue(spot, '', { type: 'ref', entity: form.ref })
  return form.type === 'list' ? fieldPath(spot, ['list']) : spot.random.below(5)
}
