/** The types of fields that the server alone gives: numbers, tokens and computed values. */

import type { FieldOptions } from './field-options.ts'

/** Options of a sequence field. */
export interface SequenceOptions<W extends string = string>
  extends Pick<FieldOptions<W, never>, 'read' | 'was' | 'private' | 'description'> {
  /** Rows are numbered separately for each value of this field, which must be required and immutable. */
  readonly within?: W
}

/** Options of a token field. */
export type TokenOptions = Pick<FieldOptions<never, never>, 'was' | 'description'>

/** Options of a computed field. */
export type ComputedOptions = Pick<FieldOptions<never, never>, 'read' | 'private' | 'description'> & { readonly as?: 'caller' | 'system' }

/** A sequence field: a number that the server gives each new row. */
export interface SequenceField<W extends string = string> extends SequenceOptions<W> {
  readonly type: 'sequence'
}

/** A token field: a secret that the server gives each new row, and that finds the row. */
export interface TokenField extends TokenOptions {
  readonly type: 'token'
}

/** A computed field. */
export interface ComputedField extends ComputedOptions {
  readonly type: 'computed'
  /** CEL with the row's fields, its relations and the caller. */
  readonly expression: string
}
