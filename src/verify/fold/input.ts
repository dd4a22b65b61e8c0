/** The input of an action: its problems, and the names that it gives to expressions. */

import { entityNamed, fieldNamed, isToken, type Model, storedScalar } from '../../model/model.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { ActionWorld, NameMeaning, NamesAt } from './action-world.ts'
import { type CalledAction, refuseCall } from './outcome.ts'
import { secretOf } from './secrets.ts'
import type { ActionDesignAt } from './written-actions.ts'
import type { WrittenCall, WrittenInput } from './written-logic.ts'

/** An input as the author wrote it. */
export interface AuthoredInput {
  readonly name: string
  /** Whether it may be left out and then sets no field. */
  readonly isOptional: boolean
  readonly preset: PlainValue
  readonly kind: InputKind
}

type InputKind =
  | { readonly kind: 'reference'; readonly entity: string; readonly by: string; readonly where: string | undefined }
  | { readonly kind: 'field'; readonly entity: string; readonly field: string }
  | {
      readonly kind: 'scalar'
      readonly scalar: ScalarKind
      readonly list: boolean
      readonly min: number | null
      readonly max: number | null
    }

/** The inputs of an action. */
export function inputsOf({ design }: ActionDesignAt): readonly AuthoredInput[] {
  return Object.entries(design.input ?? {}).map(([name, input]) => inputOf(name, input))
}

function inputOf(name: string, input: WrittenInput): AuthoredInput {
  if (typeof input === 'string') {
    const isOptional = input.endsWith('?')
    const [first = '', field] = input.replace('?', '').split('.')
    const scalar = { kind: 'scalar', scalar: first as ScalarKind, list: false, min: null, max: null } as const
    return { name, isOptional, preset: null, kind: field === undefined ? scalar : { kind: 'field', entity: first, field } }
  }
  if ('ref' in input) {
    const { ref: entity, by = 'id', where, optional: isOptional = false } = input
    return { name, isOptional, preset: null, kind: { kind: 'reference', entity, by, where } }
  }
  const { type, optional = false, default: preset } = input as { type: string; optional?: boolean; default?: PlainValue }
  const { min = null, max = null, of } = input as { min?: number; max?: number; of?: { type: ScalarKind } }
  const scalar = (of?.type ?? type) as ScalarKind
  return {
    name,
    isOptional: optional && preset === undefined,
    preset: preset ?? null,
    kind: { kind: 'scalar', scalar, list: type === 'list', min, max },
  }
}

/** A field that refers to a row is sent as the id of a row. */
export function resolvedInput(model: Model, kind: InputKind): InputKind {
  if (kind.kind !== 'field') return kind
  const { type } = fieldNamed(entityNamed(model, kind.entity), kind.field)
  return type.kind === 'ref' ? { kind: 'reference', entity: type.entity, by: 'id', where: undefined } : kind
}

/** The names of all inputs with a problem by themselves, and of those that the action does not have. */
export function problemsOf(model: Model, action: ActionDesignAt, input: CalledAction['input']): readonly string[] {
  const inputs = inputsOf(action)
  const unknown = Object.keys(input).filter((name) => !inputs.some((one) => one.name === name))
  const wrong = inputs.filter((one) => isWrong(model, one, input)).map(({ name }) => name)
  return [...unknown, ...wrong]
}

/** Whether an input is missing, or has no value of its type. */
export function isWrong(model: Model, { name, isOptional, preset, kind }: AuthoredInput, input: CalledAction['input']): boolean {
  if (!Object.hasOwn(input, name)) return !isOptional && preset === null
  const value = input[name]
  const field = kind.kind === 'field' ? fieldNamed(entityNamed(model, kind.entity), kind.field) : null
  if (value === null) return field?.optional !== true
  const form = resolvedInput(model, kind)
  switch (form.kind) {
    case 'reference':
      return typeof value !== 'string'
    case 'scalar':
      return !isScalar(form, value)
    case 'field':
      if (field?.type.kind === 'choice') return !field.type.values.some((one) => one === value)
      if (field?.type.kind === 'list') return !Array.isArray(value)
      return !isScalar(
        { scalar: storedScalar(field?.type ?? ({ kind: 'scalar', scalar: 'text' } as never)), list: false, min: null, max: null },
        value,
      )
  }
}

function isScalar(
  {
    scalar,
    list,
    min,
    max,
  }: { readonly scalar: ScalarKind; readonly list: boolean; readonly min: number | null; readonly max: number | null },
  value: unknown,
): boolean {
  if (list) return Array.isArray(value) && value.length <= (max ?? Number.POSITIVE_INFINITY)
  if (scalar === 'boolean') return typeof value === 'boolean'
  if (scalar === 'email') return typeof value === 'string' && value.includes('@')
  if (scalar !== 'integer') return typeof value === 'string'
  return Number.isInteger(value) && Number(value) >= (min ?? -Infinity) && Number(value) <= (max ?? Infinity)
}

/** The value by which a row is sent. A token is sent as its secret, for which a placeholder stands. */
export function keyOf(model: Model, entity: string, { row, by }: { readonly row: PlainRow; readonly by: string }): PlainValue {
  const value = row[by] ?? null
  return value !== null && isToken(fieldNamed(entityNamed(model, entity), by)) ? secretOf(value) : value
}

/**
 * The names of the input, with the rows of references in order: the condition of a later one may name an earlier one. `lost` are the
 * references that lead to no row.
 */
export function inputNames(
  world: ActionWorld,
  action: ActionDesignAt,
  { call, names }: { readonly call: CalledAction; readonly names: NamesAt },
): { readonly names: NamesAt; readonly lost: readonly string[] } {
  const known = new Map(names)
  const { model } = world.reference
  const lost: string[] = []
  for (const input of inputsOf(action)) {
    const form = resolvedInput(model, input.kind)
    const value = (call.input[input.name] ?? input.preset) as PlainValue
    if (form.kind !== 'reference') known.set(`input.${input.name}`, { kind: 'value', scalar: scalarOf(model, form), value })
    else {
      const { entity, by, where } = form
      const found = world
        .usable(entity)
        .find(
          (row) =>
            value !== null &&
            keyOf(model, entity, { row: isToken(fieldNamed(entityNamed(model, entity), by)) ? row : world.shown(entity, row), by }) ===
              value &&
            (where === undefined || world.allows(where, known, { entity, row })),
        )
      if (found === undefined && !(value === null && (input.isOptional || isNullable(model, input)))) lost.push(input.name)
      known.set(`input.${input.name}`, { kind: 'row', entity, id: found?.id ?? null })
    }
  }
  return { names: known, lost }
}

function isNullable(model: Model, { kind }: AuthoredInput): boolean {
  return kind.kind === 'field' && fieldNamed(entityNamed(model, kind.entity), kind.field).optional
}

function scalarOf(model: Model, form: Exclude<InputKind, { kind: 'reference' }>): ScalarKind {
  return form.kind === 'scalar' ? form.scalar : storedScalar(fieldNamed(entityNamed(model, form.entity), form.field).type)
}

/** The names that a called action has at its start: its row and its input. @throws CallRefused for a reference that leads to no row. */
export function calledNames(
  world: ActionWorld,
  { step, action }: { readonly step: WrittenCall; readonly action: ActionDesignAt },
  names: NamesAt,
): { readonly names: NamesAt; readonly sent: ReadonlySet<string> } {
  const { model } = world.reference
  const known = new Map<string, NameMeaning>()
  if (step.on !== undefined) {
    const { entity, id } = world.rowAt(step.on, names)
    // A reference to a row that the caller may not read leads nowhere. Of a row that has a name, the id is known.
    const isThere = names.has(step.on) || world.usable(entity).some((row) => row.id === id)
    known.set('row', { kind: 'row', entity, id: isThere ? id : null })
  }
  const given = step.input ?? {}
  for (const input of inputsOf(action)) {
    const form = resolvedInput(model, input.kind)
    const source = given[input.name]
    const value = source === undefined ? input.preset : (choiceOr(model, input, source) ?? world.value(source, names))
    if (form.kind !== 'reference') known.set(`input.${input.name}`, { kind: 'value', scalar: scalarOf(model, form), value })
    else {
      const found = world.usable(form.entity).find(({ id }) => id === value)
      if (found === undefined && source !== undefined) refuseCall(404, 'not_found')
      known.set(`input.${input.name}`, { kind: 'row', entity: form.entity, id: found?.id ?? null })
    }
  }
  return { names: known, sent: new Set(Object.keys(given)) }
}

/** The bare word of a choice. */
function choiceOr(model: Model, { kind }: AuthoredInput, source: PlainValue): string | undefined {
  if (kind.kind !== 'field' || typeof source !== 'string') return undefined
  const { type } = fieldNamed(entityNamed(model, kind.entity), kind.field)
  return type.kind === 'choice' && type.values.includes(source) ? source : undefined
}
