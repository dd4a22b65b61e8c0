/** The rules that a value of a request can break. The name is `rule` of a problem. */

/** What each rule says about a value. The name is part of the API: it never changes its meaning. */
export const RULES = {
  required: 'is missing',
  type: 'has another JSON type, or is null',
  format: 'is not in the form of its type, such as a date or an id',
  enum: 'is none of the values of a choice',
  minLength: 'is a text that is too short',
  maxLength: 'is a text that is too long',
  minimum: 'is too small',
  maximum: 'is too large',
  pattern: 'does not match the regular expression of the field',
  precision: 'has too many digits',
  minItems: 'is a list with too few items',
  maxItems: 'is a list with too many items',
  unknown: 'has a name that nothing has',
  readOnly: 'is a field that the caller may not change',
  immutable: 'can be set at creation only',
  reference: 'refers to a row that is not there',
  unique: 'is taken by another row',
  increment: 'is added to a value that cannot take it',
  const: 'must be another value of the request',
  alone: 'cannot be part of a larger request',
  common: 'is a password that is easy to guess',
  maxDepth: 'is nested too deeply',
  rowBytes: 'makes the row too large',
  acyclic: 'would make the row its own ancestor',
  check: 'is refused by a condition of the design or of its code',
  range: 'is outside the limits of the field, as the database found',
  length: 'is a text of the wrong length, as the database found',
  lower_case: 'is not in lower case, as the database found',
  choice: 'is none of the values of a choice, as the database found',
  size: 'is a list with the wrong number of items, as the database found',
  items: 'is a list with null items or with lists, as the database found',
  item_range: 'has an item outside the limits, as the database found',
  item_length: 'has an item of the wrong length, as the database found',
  item_pattern: 'has an item that does not match, as the database found',
  item_lower_case: 'has an item that is not in lower case, as the database found',
} as const satisfies Readonly<Record<string, string>>

/** The rules about one limit of the design. Their messages may name it as `{limit}`. */
export const LIMIT_RULES: readonly string[] = [
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
] as const satisfies readonly Rule[]

/** A rule of `RULES`. */
export type Rule = keyof typeof RULES

/** The name of a check of the design, or a rule that code of the design gives. */
export type OwnRule = string & { readonly [OWN]: true }
declare const OWN: unique symbol

/** The name of a check, or the rule of a problem that code has thrown, as a rule. */
export function ownRule(name: string): OwnRule {
  return name as OwnRule
}
