/** Random hooks of entities, and random actions of code. */

import { writtenActions } from '../../../src/verify/fold/written-actions.ts'
import type { Random } from '../../support/random.ts'
import { type AuthoredDesign, type AuthoredEntity, type AuthoredField, type HookMoment, NUMBERS, WORDS } from './authored.ts'
import {
  actionCodeOf,
  hookOf,
  JOURNAL,
  JOURNAL_CREATE,
  type Script,
  type ScriptChange,
  type ScriptOp,
  type ScriptValue,
} from './code-scripts.ts'

const MOMENTS: readonly HookMoment[] = ['beforeCreate', 'afterCreate', 'beforeUpdate', 'afterUpdate', 'beforeDelete', 'afterDelete']

const JOURNAL_ENTITY: AuthoredEntity = {
  fields: { text: { type: 'text' }, nth: { type: 'integer' } },
  access: { read: 'true', create: JOURNAL_CREATE },
}

/** The design with an entity for the entries of scripts, random hooks, and actions of code. */
export function withCode(random: Random, base: AuthoredDesign, attempt: (next: AuthoredDesign) => boolean): void {
  let design: AuthoredDesign = { ...base, entities: { ...base.entities, [JOURNAL]: JOURNAL_ENTITY } }
  if (!attempt(design)) return
  const put = (next: AuthoredDesign): void => {
    if (attempt(next)) design = next
  }
  const names = Object.keys(base.entities)
  for (const name of names) {
    if (!random.chance(0.75)) continue
    // An `ensure` for each element that changes existing rows does not run hooks yet.
    const isOpen = (moment: HookMoment): boolean => moment.endsWith('Delete') || !ensuresEach(base, name)
    for (const moment of MOMENTS) if (random.chance(0.45) && isOpen(moment)) put(withHook({ random, design, name, names }, moment))
  }
  for (let i = 0; i < 2; i++) put(withCodeAction({ random, design, name: random.pick(names), names }, `code${i}`))
}

function ensuresEach(design: AuthoredDesign, entity: string): boolean {
  const steps = writtenActions(design).flatMap((action) => action.design.steps ?? [])
  const calls = steps.some((step) => 'call' in step && step.each !== undefined)
  return steps.some(
    (step) => 'ensure' in step && step.ensure === entity && step.existing !== undefined && (calls || step.each !== undefined),
  )
}

interface Placing {
  readonly random: Random
  readonly design: AuthoredDesign
  readonly name: string
  /** The entities besides the journal, in their order. */
  readonly names: readonly string[]
}

function entityAt({ design }: Placing, name: string): AuthoredEntity {
  const entity = design.entities[name]
  if (entity === undefined) throw new Error(`no entity ${name}`)
  return entity
}

function withHook(placing: Placing, moment: HookMoment): AuthoredDesign {
  const { random, design, name } = placing
  const entity = entityAt(placing, name)
  const mayBeSystem = random.chance(0.75)
  const ops = [0, 1].flatMap(() => (random.chance(0.6) ? [hookOp(placing, moment, mayBeSystem)] : []))
  const mode = moment === 'beforeCreate' ? 'create' : moment === 'beforeUpdate' ? 'update' : null
  const sets = mode !== null && random.chance(0.6) ? randomSets(placing, mode) : null
  const script: Script = { isAfter: moment.startsWith('after'), ops, sets }
  const hook = { run: hookOf(script), as: mayBeSystem ? ('system' as const) : ('caller' as const), within: '10s' }
  return { ...design, entities: { ...design.entities, [name]: { ...entity, hooks: { ...entity.hooks, [moment]: hook } } } }
}

function hookOp(placing: Placing, moment: string, mayBeSystem: boolean): ScriptOp {
  const { random, name } = placing
  const as = mayBeSystem && random.chance(0.7) ? 'system' : 'caller'
  const form = random.below(10)
  const touch = form < 4 && mayBeSystem ? touchOp(placing) : null
  if (touch !== null) return touch
  if (form < 6) return refuseOp(placing)
  if (form === 6) return { op: 'limit', as, entity: name, most: 8 + random.below(6), code: 'busy' }
  return { op: 'journal', as, text: `${name} ${moment}` }
}

function refuseOp(placing: Placing): ScriptOp {
  const { random, name } = placing
  const { fields } = entityAt(placing, name)
  const code = random.pick(['declined', 'busy', 'not_today'])
  if (fields.rank !== undefined && random.chance(0.5)) return { op: 'refuse', field: 'rank', is: random.pick(NUMBERS), code }
  return { op: 'refuse', field: name === 'User' ? 'name' : 'title', is: random.pick(WORDS), code }
}

/** A change of a row of an earlier entity, so that hooks do not cause one another in a circle. */
function touchOp(placing: Placing): ScriptOp | null {
  const { random, name, names, design } = placing
  const earlier = names.slice(0, names.indexOf(name))
  const references = Object.entries(entityAt(placing, name).fields).filter(
    ([, { type, entity = '' }]) => type === 'ref' && earlier.includes(entity),
  )
  if (references.length === 0) return null
  const [via, { entity: to = '' }] = random.pick(references)
  const settable = settableIn(design, to, 'update').filter(([, { type }]) => type === 'text' || type === 'integer')
  if (settable.length === 0) return null
  const [field, { type }] = random.pick(settable)
  const change: ScriptChange =
    type === 'text' ? random.pick(WORDS) : random.chance(0.6) ? { increment: random.pick([1, 2]) } : random.pick(NUMBERS)
  return { op: 'touch', via, to, changes: { [field]: change } }
}

/** The fields of an entity that code may set. */
function settableIn(design: AuthoredDesign, name: string, operation: 'create' | 'update'): readonly (readonly [string, AuthoredField])[] {
  const states = Object.values(design.workflows ?? {}).flatMap(({ entity, field }) => (entity === name ? [field] : []))
  return Object.entries(design.entities[name]?.fields ?? {}).filter(
    ([field, { type, set, immutable }]) =>
      ['text', 'integer', 'boolean', 'choice'].includes(type) &&
      set === undefined &&
      (immutable !== true || operation === 'create') &&
      !states.includes(field),
  )
}

function randomSets(placing: Placing, operation: 'create' | 'update'): Script['sets'] {
  const { random, design, name } = placing
  const settable = settableIn(design, name, operation)
  const picked = new Map(Array.from({ length: 1 + random.below(2) }, () => random.pick(settable)))
  const sets = [...picked].map(([field, { type, values, optional }]): readonly [string, ScriptValue] => {
    if (random.chance(0.25) && operation === 'update') return [field, { kind: 'same' }]
    if (random.chance(0.15) || (random.chance(0.15) && optional === true)) return [field, { kind: 'value', value: null }]
    if (type === 'integer')
      return [field, random.chance(0.7) ? { kind: 'plus', amount: 1 } : { kind: 'value', value: random.pick(NUMBERS) }]
    const value = type === 'boolean' ? random.chance(0.5) : type === 'choice' ? random.pick(values ?? []) : random.pick(WORDS)
    return [field, { kind: 'value', value }]
  })
  return Object.fromEntries(sets)
}

/** An action of code, of a row or of the design. */
function withCodeAction(placing: Placing, action: string): AuthoredDesign {
  const { random, design, name, names } = placing
  const as = random.pick(['caller', 'system'] as const)
  const isOfRow = random.chance(0.6)
  const ops = Array.from({ length: 1 + random.below(3) }, (): ScriptOp => {
    const touch = isOfRow && as === 'system' && random.chance(0.4) ? touchOp(placing) : null
    if (touch !== null) return touch
    const right = as === 'system' && random.chance(0.6) ? 'system' : 'caller'
    if (isOfRow && random.chance(0.15)) return refuseOp(placing)
    if (random.chance(0.4)) return { op: 'journal', as: right, text: `code ${action}` }
    const entity = random.pick(names)
    if (random.chance(0.2)) return { op: 'limit', as: right, entity, most: 5 + random.below(8), code: 'busy' }
    return { op: 'sum', as: right, entity, field: design.entities[entity]?.fields.rank === undefined ? null : 'rank' }
  })
  const run = actionCodeOf({ isAfter: true, ops, sets: null })
  const own = { as, allow: random.pick(['true', 'auth.id != null']), run, output: { n: 'integer', sum: 'integer' } }
  if (!isOfRow) return { ...design, actions: { ...design.actions, [action]: own } }
  const entity = entityAt(placing, name)
  return { ...design, entities: { ...design.entities, [name]: { ...entity, actions: { ...entity.actions, [action]: own } } } }
}
