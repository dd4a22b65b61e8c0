/** The secrets of `token` fields in the input and the answer of an action. */

import type { Value, Values } from '../../base/sql/statement.ts'
import { tokenSlots } from '../../compile/actions/frame.ts'
import type { ActionProgram } from '../../compile/actions/program.ts'
import type { Action } from '../../model/action.ts'
import { entityNamed, fieldNamed, isToken } from '../../model/model.ts'
import type { RowTokens } from '../../services/identity/tokens/row-tokens.ts'
import type { Stack } from '../run/stack.ts'

/** Values for the tokens that an answer shows. */
export interface NewTokens {
  /** The values of the first request. */
  readonly shown: Values
  /** The values of a repetition, which does not show the secrets again. */
  readonly hidden: Values
  /** The secrets. */
  readonly texts: readonly string[]
}

/** Makes a secret for each token that the answer of the action shows. */
export function newTokens(stack: Pick<Stack, 'rowTokens'>, { tokens }: ActionProgram): NewTokens {
  const made = tokens.map((token) => {
    const rowTokens = required(stack)
    const stored = rowTokens.newStored()
    return { slots: tokenSlots(token), stored, text: rowTokens.textOf(stored) }
  })
  return {
    shown: Object.fromEntries(made.flatMap(({ slots, stored, text }) => [[slots.stored, stored] as const, [slots.text, text] as const])),
    hidden: Object.fromEntries(made.map(({ slots }) => [slots.text, null])),
    texts: made.map(({ text }) => text),
  }
}

/** No row keeps this text, so a secret of another backend finds no row. */
const NO_ROW = ''

/** The same values with the texts that rows keep in place of secrets. */
export function readTokens(stack: Pick<Stack, 'rowTokens' | 'model'>, { inputs }: Action, values: Values): Values {
  const read: Record<string, Value> = {}
  for (const { name, type } of inputs) {
    if (type.kind !== 'reference' || !isToken(fieldNamed(entityNamed(stack.model, type.entity), type.by))) continue
    const value = values[`input.${name}`]
    if (typeof value === 'string') read[`input.${name}`] = storedToken(stack, value)
  }
  return { ...values, ...read }
}

/** The text that the row of a secret keeps. */
export function storedToken(stack: Pick<Stack, 'rowTokens'>, secret: string): string {
  return required(stack).storedOf(secret) ?? NO_ROW
}

/** @throws Error for a design without an identity, which has no token fields. */
function required({ rowTokens }: Pick<Stack, 'rowTokens'>): RowTokens {
  if (rowTokens === null) throw new Error('tokens need keys')
  return rowTokens
}
