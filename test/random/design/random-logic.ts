/** Random actions and workflows on top of a random design. A part that makes the design invalid is left out. */

import { hasErrors } from '../../../src/base/diagnostic.ts'
import type { ActionDesign, InputDesign } from '../../../src/design/authoring/logic-design.ts'
import { NO_SOURCE } from '../../../src/design/findings/source.ts'
import { resolveDesign } from '../../../src/design/resolve/resolve.ts'
import type { Random } from '../../support/random.ts'
import type { AuthoredDesign, AuthoredEntity, AuthoredField } from './authored.ts'
import { withDirectActions } from './direct-actions.ts'
import { condition, type Spot } from './logic-terms.ts'
import { randomAnswer, randomShapes } from './random-answer.ts'
import { withCode } from './random-hooks.ts'
import { plainRule } from './random-rule.ts'
import { type SigningIn, signInAsNew, signInWithPassword } from './random-sign-in.ts'
import { type RandomStep, randomStep } from './random-steps.ts'

/** Whether a design has no errors. */
function isValid(design: AuthoredDesign): boolean {
  const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
  return model !== null && !hasErrors(diagnostics)
}

/** The design with parts that actions use, and with actions and workflows. */
export function withLogic(random: Random, base: AuthoredDesign): AuthoredDesign {
  let design: AuthoredDesign = {
    ...base,
    errors: { codes: { declined: { status: 422, message: 'this is declined' }, busy: { message: 'it is busy' } } },
  }
  const attempt = (next: AuthoredDesign): boolean => {
    if (!isValid(next)) return false
    design = next
    return true
  }
  // Accounts may be closed: marked as deleted.
  const { User } = base.entities
  if (User !== undefined && random.chance(0.3))
    attempt({ ...design, entities: { ...design.entities, User: { ...User, softDelete: true } } })
  for (const name of Object.keys(base.entities)) extend({ random, name, attempt, current: () => design })
  addShapes(random, () => design, attempt)
  for (const name of Object.keys(base.entities)) if (random.chance(0.6)) attempt(withWorkflow(random, design, name))
  for (let i = 0; i < ACTIONS; i++) {
    const entity = random.chance(0.6) ? random.pick(Object.keys(base.entities)) : null
    const changing = entity !== null && random.chance(0.2) ? changingAction(random, design, entity) : null
    if (entity !== null && changing !== null && attempt(withAction(design, { entity, name: `do${i}` }, changing))) continue
    addAction({ random, design: () => design, attempt }, entity, `do${i}`)
  }
  withDirectActions({ random, ...outlineOf(design), rows: [], lists: [], values: [], bare: null }, () => design, attempt)
  if (random.chance(0.7)) withCode(random, design, attempt)
  return design
}

const ACTIONS = 9

/** Adds shapes of all entities, each unless it makes the design invalid. */
function addShapes(random: Random, design: () => AuthoredDesign, attempt: (next: AuthoredDesign) => boolean): void {
  const { fields, many } = outlineOf(design())
  const spot: Spot = { random, fields, many, rows: [], lists: [], values: [], bare: null }
  const { plain, full } = randomShapes(spot, [...fields.keys()])
  if (!attempt({ ...design(), shapes: Object.fromEntries(plain) })) return
  for (const [name, shape] of full) attempt({ ...design(), shapes: { ...design().shapes, [name]: shape } })
}

interface Extending {
  readonly random: Random
  readonly name: string
  readonly attempt: (next: AuthoredDesign) => boolean
  readonly current: () => AuthoredDesign
}

/** Adds computed fields over relations, checks over relations, and unique constraints on two fields. */
function extend({ random, name, attempt, current }: Extending): void {
  const put = (change: (entity: AuthoredEntity) => AuthoredEntity): void => {
    const design = current()
    const entity = design.entities[name]
    if (entity !== undefined) attempt({ ...design, entities: { ...design.entities, [name]: change(entity) } })
  }
  const { many, fields } = outlineOf(current())
  const [relation] = many.get(name) ?? []
  if (relation !== undefined && random.chance(0.5)) {
    const ranked = fields.get(relation.to)?.rank !== undefined
    const own = fields.get(relation.to)?.owner === undefined ? 'id == auth.id' : 'owner == auth.id'
    const some = `${relation.name}.filter(x, x.${random.chance(0.5) ? own : 'id != auth.id'})`
    const expression = ranked
      ? random.pick([`${relation.name}.sum(x, x.rank)`, `${some}.max(x, x.rank)`, `size(${some})`])
      : random.pick([`size(${relation.name})`, `size(${some})`])
    const read = random.chance(0.3) ? { read: plainRule(random, name) } : {}
    const field: AuthoredField = { type: 'computed', expression, ...(random.chance(0.5) ? { as: 'system' } : {}), ...read }
    put((entity) => ({ ...entity, fields: { ...entity.fields, tally: field } }))
  }
  if (relation !== undefined && random.chance(0.35)) {
    const few = { rule: `size(${relation.name}) <= ${2 + random.below(4)}`, message: 'there are too many' }
    put((entity) => ({ ...entity, checks: { ...entity.checks, few } }))
  }
  if (name !== 'User' && random.chance(0.4)) put((entity) => ({ ...entity, fields: { ...entity.fields, link: { type: 'token' } } }))
  const own = fields.get(name) ?? {}
  if (own.owner?.immutable === true && own.owner.optional !== true && random.chance(0.5))
    put((entity) => ({ ...entity, fields: { ...entity.fields, serial: { type: 'sequence', within: 'owner' } } }))
  if (own.slot === undefined && random.chance(0.5) && name !== 'User')
    put((entity) => ({ ...entity, fields: { ...entity.fields, slot: { type: 'text', optional: true } }, unique: [['owner', 'slot']] }))
}

function withWorkflow(random: Random, design: AuthoredDesign, entity: string): AuthoredDesign {
  const kind = design.entities[entity]?.fields.kind
  if (kind?.default === undefined) return design
  const { fields, many } = outlineOf(design)
  const spot: Spot = { random, fields, many, rows: [], lists: [], values: [], bare: entity }
  const transition = (from: string | readonly string[], to: string) => ({
    from,
    to,
    allow: random.chance(0.5) ? plainRule(random, entity) : condition(spot, 1),
    ...(random.chance(0.5) ? { as: 'system' as const } : {}),
    ...(random.chance(0.5) ? { guard: condition(spot, 1) } : {}),
  })
  const transitions = {
    submit: transition('draft', 'open'),
    shut: transition(['draft', 'open'], 'closed'),
    revive: transition('closed', 'draft'),
  }
  const workflows = { ...design.workflows, [`flow${entity}`]: { entity, field: 'kind', transitions } }
  return { ...design, workflows }
}

/** The fields of all entities, and the relations that lead to each. */
export function outlineOf({ entities }: AuthoredDesign): Pick<Spot, 'fields' | 'many'> {
  const fields = new Map(Object.entries(entities).map(([name, entity]) => [name, entity.fields] as const))
  const many = new Map(
    [...fields.keys()].map((target) => [
      target,
      [...fields].flatMap(([entity, own]) =>
        Object.values(own).flatMap((field) =>
          field.entity === target && field.inverse !== undefined ? [{ name: field.inverse, to: entity }] : [],
        ),
      ),
    ]),
  )
  return { fields, many }
}

interface Adding {
  readonly random: Random
  readonly design: () => AuthoredDesign
  readonly attempt: (next: AuthoredDesign) => boolean
}

function addAction(adding: Adding, entity: string | null, name: string): void {
  const { random, design, attempt } = adding
  let action: ActionDesign = { allow: 'true', as: random.chance(0.5) ? 'system' : 'caller' }
  const put = (next: ActionDesign): boolean => {
    const isDone = attempt(withAction(design(), { entity, name }, next))
    if (isDone) action = next
    return isDone
  }
  if (!put(action)) return
  const { fields, many } = outlineOf(design())
  const shapes = Object.entries(design().shapes ?? {}).map(([shape, { of }]) => ({ name: shape, entity: of }))
  const rows = entity === null ? [] : [{ name: 'row', entity }]
  let spot: Spot = { random, fields, many, rows, lists: [], values: [], shapes, bare: null }
  const bare: Spot = { ...spot, bare: entity }
  put({ ...action, allow: allowOf(bare, entity) })
  for (let i = 0; i < random.below(4); i++) {
    const { design: input, named } = randomInput(spot, design())
    const key = `in${i}`
    if (put({ ...action, input: { ...action.input, [key]: input } })) spot = withInput(spot, key, named)
  }
  const signingIn = random.chance(0.2) ? (random.chance(0.5) ? signInWithPassword(random) : signInAsNew(random, design())) : null
  const signInAt = signingIn?.isNew === true ? random.below(3) : 0
  for (let i = 0; i < 1 + random.below(4); i++) {
    if (signingIn !== null && i === signInAt) {
      const steps = [...(action.steps ?? []), ...signingIn.steps]
      if (put({ ...action, input: { ...action.input, ...signingIn.input }, steps })) spot = withSignIn(spot, signingIn)
    }
    const { step, named } = randomStep(spot, {
      design: design(),
      as: `got${i}`,
      isSystem: action.as === 'system',
      inputs: Object.keys(action.input ?? {}),
    })
    if (step === null || !put({ ...action, steps: [...(action.steps ?? []), step] }) || named === null) continue
    if ('create' in step && named.kind === 'row') spot = { ...spot, made: [...(spot.made ?? []), named] }
    spot = withNamed(spot, named)
  }
  if (random.chance(0.85)) put({ ...action, answer: randomAnswer(spot) })
}

function withSignIn(spot: Spot, { named }: SigningIn): Spot {
  const own: Spot = { ...spot, sessions: true }
  return named === null ? own : { ...own, rows: [...own.rows, named] }
}

function withNamed(spot: Spot, named: NonNullable<RandomStep['named']>): Spot {
  switch (named.kind) {
    case 'row':
      return { ...spot, rows: [...spot.rows, named] }
    case 'rows':
      return { ...spot, lists: [...spot.lists, named] }
    case 'values':
      return { ...spot, values: [...spot.values, { name: named.name, type: named.type }] }
  }
}

/** An action that changes the fields of its row that are sent. */
function changingAction(random: Random, design: AuthoredDesign, entity: string): ActionDesign {
  const fields = Object.entries(design.entities[entity]?.fields ?? {}).filter(
    ([, { type, immutable, set }]) => SENT.has(type) && immutable !== true && set === undefined,
  )
  const picked = fields.filter(() => random.chance(0.5))
  const input = Object.fromEntries(picked.map(([name]) => [name, `${entity}.${name}?`]))
  return { allow: 'auth.id != null', as: random.pick(['system', 'caller'] as const), input, steps: [{ update: 'row', set: 'input' }] }
}

function withAction(
  design: AuthoredDesign,
  { entity, name }: { entity: string | null; name: string },
  action: ActionDesign,
): AuthoredDesign {
  if (entity === null) return { ...design, actions: { ...design.actions, [name]: action } }
  const own = design.entities[entity]
  return own === undefined
    ? design
    : { ...design, entities: { ...design.entities, [entity]: { ...own, actions: { ...own.actions, [name]: action } } } }
}

function allowOf(spot: Spot, entity: string | null): string {
  const { random } = spot
  if (entity !== null && random.chance(0.5)) return random.chance(0.5) ? plainRule(random, entity) : condition(spot, 1)
  return random.pick(['true', 'true', 'auth.id != null', 'auth.id != null', 'staff', 'adult'])
}

type InputNamed = { readonly kind: 'row'; readonly entity: string } | { readonly kind: 'value'; readonly type: string }

function withInput(spot: Spot, key: string, named: InputNamed): Spot {
  const name = `input.${key}`
  return named.kind === 'row'
    ? { ...spot, rows: [...spot.rows, { name, entity: named.entity }] }
    : { ...spot, values: [...spot.values, { name, type: named.type }] }
}

const SENT: ReadonlySet<string> = new Set(['text', 'integer', 'boolean', 'choice', 'timestamp', 'date', 'decimal', 'list'])

function randomInput(spot: Spot, design: AuthoredDesign): { readonly design: InputDesign; readonly named: InputNamed } {
  const { random } = spot
  const entity = random.pick(Object.keys(design.entities))
  if (random.chance(0.45)) {
    const fields = Object.entries(design.entities[entity]?.fields ?? {})
    const found = fields.filter(([, { unique, type }]) => (unique === true && type === 'text') || type === 'token')
    const [by] = found.length === 0 ? [] : random.pick(found)
    const where = random.chance(0.6) ? { where: condition({ ...spot, bare: entity }, 1) } : {}
    const more = { ...(by !== undefined && random.chance(0.5) ? { by } : {}), ...where, ...(random.chance(0.15) ? { optional: true } : {}) }
    return { design: { ref: entity, ...more }, named: { kind: 'row', entity } }
  }
  if (random.chance(0.6)) {
    const fields = Object.entries(design.entities[entity]?.fields ?? {}).filter(([, { type }]) => SENT.has(type))
    const [name, { type }] = random.pick(fields)
    return { design: `${entity}.${name}${random.chance(0.4) ? '?' : ''}`, named: { kind: 'value', type } }
  }
  const forms: readonly { readonly design: InputDesign; readonly type: string }[] = [
    { design: 'integer', type: 'integer' },
    { design: 'text?', type: 'text' },
    { design: { type: 'integer', min: 0, max: 5, default: 2 }, type: 'integer' },
    { design: { type: 'list', of: { type: 'text' }, max: 3 }, type: 'list' },
  ]
  const { design: input, type } = random.pick(forms)
  return { design: input, named: { kind: 'value', type } }
}
