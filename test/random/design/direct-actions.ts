/** Actions that read and write rows like the built-in addresses of an entity do: lists with totals, reads, and single writes. */

import type { ActionDesign, AnswerDesign, InputDesign, ListDesign } from '../../../src/design/authoring/logic-design.ts'
import type { ActionDesignAt } from '../../../src/verify/fold/written-actions.ts'
import type { AuthoredDesign, AuthoredField } from './authored.ts'
import { condition, type Spot } from './logic-terms.ts'

const VERBS = ['list', 'make', 'show', 'change', 'remove'] as const

/** What such an action does. */
export type DirectVerb = (typeof VERBS)[number]

/** What an action of this file does; null for any other action. */
export function directVerb({ name, entity }: Pick<ActionDesignAt, 'name' | 'entity'>): DirectVerb | null {
  return VERBS.find((verb) => (entity === null ? new RegExp(`^${verb}[A-Z]`).test(name) : name === verb)) ?? null
}

interface Making {
  readonly spot: Spot
  readonly entity: string
  readonly fields: Readonly<Record<string, AuthoredField>>
}

/** Adds actions as caller for one or two entities: all of an entity, or those that leave the design valid. */
export function withDirectActions(spot: Spot, current: () => AuthoredDesign, attempt: (next: AuthoredDesign) => boolean): void {
  const { random } = spot
  const names = Object.keys(current().entities)
  for (const entity of new Set([random.pick(names), random.pick(names)])) {
    const making: Making = { spot, entity, fields: current().entities[entity]?.fields ?? {} }
    const added = VERBS.map((verb) => ({ verb, action: ACTIONS[verb](making) }))
    const adding = (design: AuthoredDesign, { verb, action }: (typeof added)[number]) => withDirect(design, { entity, verb }, action)
    if (!attempt(added.reduce(adding, current()))) for (const one of added) attempt(adding(current(), one))
  }
}

const ACTIONS = {
  list: listing,
  make: makingOne,
  show: showing,
  change: changing,
  remove: removing,
} as const satisfies Record<DirectVerb, (making: Making) => ActionDesign>

function withDirect(
  design: AuthoredDesign,
  { entity, verb }: { readonly entity: string; readonly verb: DirectVerb },
  action: ActionDesign,
): AuthoredDesign {
  if (verb === 'list' || verb === 'make') return { ...design, actions: { ...design.actions, [`${verb}${entity}`]: action } }
  const own = design.entities[entity]
  if (own === undefined) return design
  return { ...design, entities: { ...design.entities, [entity]: { ...own, actions: { ...own.actions, [verb]: action } } } }
}

/** The fields of a row, as an answer shows them one by one. */
function membersOf({ fields }: Making, row: string): AnswerDesign {
  const shown = Object.entries(fields).filter(([, { type }]) => type !== 'password' && type !== 'token')
  return { id: `${row}.id`, ...Object.fromEntries(shown.map(([name]) => [name, `${row}.${name}`])) }
}

function rowAs(making: Making, row: string): AnswerDesign {
  return making.spot.random.chance(0.5) ? `${making.entity}(${row})` : membersOf(making, row)
}

function allowOf({ random }: Spot): string {
  return random.pick(['true', 'true', 'auth.id != null'])
}

function listing(making: Making): ActionDesign {
  const { spot, entity } = making
  const { random } = spot
  const sortable = Object.entries(making.fields).filter(([, { type }]) => ['text', 'integer', 'timestamp'].includes(type))
  const list: ListDesign = {
    list: entity,
    ...(random.chance(0.5) ? { where: condition({ ...spot, bare: entity }, 1) } : {}),
    ...(sortable.length > 0 && random.chance(0.6) ? { sort: [`${random.chance(0.5) ? '-' : ''}${random.pick(sortable)[0]}`] } : {}),
    limit: 'input.limit',
    offset: 'input.offset',
    as: 'found',
  }
  return {
    as: 'caller',
    allow: allowOf(spot),
    input: { limit: { type: 'integer', min: 1, max: 100, default: 20 }, offset: { type: 'integer', min: 0, default: 0 } },
    steps: [list],
    answer: { rows: { each: 'f in found', is: rowAs(making, 'f') }, total: 'found.total' },
  }
}

function showing(making: Making): ActionDesign {
  return { as: 'caller', allow: allowOf(making.spot), answer: { data: rowAs(making, 'row') } }
}

/** The types of fields that a request gives a value. */
const SENT: ReadonlySet<string> = new Set([
  'text',
  'email',
  'integer',
  'boolean',
  'choice',
  'timestamp',
  'date',
  'decimal',
  'list',
  'ref',
  'password',
])

function inputsFor({ entity, fields, spot }: Making, mode: 'make' | 'change'): Readonly<Record<string, InputDesign>> {
  const { random } = spot
  const open = Object.entries(fields).filter(
    ([, { type, set, immutable }]) => SENT.has(type) && set === undefined && (mode === 'make' || immutable !== true),
  )
  return Object.fromEntries(
    open.flatMap(([name, { optional, default: preset, type }]): readonly (readonly [string, InputDesign])[] => {
      const isNeeded = mode === 'make' && optional !== true && preset === undefined
      if (!isNeeded && (random.chance(0.4) || type === 'password' || type === 'email')) return []
      return [[name, `${entity}.${name}${isNeeded ? '' : '?'}`]]
    }),
  )
}

function makingOne(making: Making): ActionDesign {
  const answer = { made: rowAs(making, 'made'), id: 'made.id' }
  const create = { create: making.entity, set: 'input', as: 'made' } as const
  return { as: 'caller', allow: allowOf(making.spot), input: inputsFor(making, 'make'), steps: [create], answer }
}

function changing(making: Making): ActionDesign {
  const plain = {
    as: 'caller',
    allow: allowOf(making.spot),
    input: inputsFor(making, 'change'),
    steps: [{ update: 'row', set: 'input' }],
  } as const
  return making.spot.random.chance(0.5) ? plain : { ...plain, answer: { data: rowAs(making, 'row') } }
}

function removing({ spot }: Making): ActionDesign {
  return { as: 'caller', allow: allowOf(spot), steps: [{ delete: 'row' }] }
}
