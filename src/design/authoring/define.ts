/**
 * The TypeScript spelling of a design. Every function only returns data, the same that YAML and JSON hold; what they add is types, so that
 * an editor completes keys and marks a name that the design does not have.
 */

import type { ActionParts } from './code-of-types.ts'
import type { CheckedParts, EntityMap, NameCheckedDesign, ServiceMap } from './define-types.ts'
import type { Design } from './design.ts'
import type {
  BooleanField,
  BooleanOptions,
  CalendarOptions,
  ChoiceField,
  ChoiceOptions,
  DateField,
  DecimalField,
  DecimalOptions,
  DurationField,
  EmailField,
  EmailOptions,
  IntegerField,
  IntegerOptions,
  ItemDesign,
  JsonField,
  JsonOptions,
  ListField,
  ListOptions,
  NumberField,
  NumberOptions,
  PasswordField,
  PasswordOptions,
  RefField,
  RefOptions,
  TextField,
  TextOptions,
  TimeField,
  TimestampField,
  TimestampOptions,
  UrlField,
  UrlOptions,
  UuidField,
  UuidOptions,
} from './field-design.ts'
import type { FileField, FileOptions } from './file-design.ts'
import type { ComputedField, ComputedOptions, SequenceField, SequenceOptions, TokenField, TokenOptions } from './given-field-design.ts'

/** A whole design. Returns it unchanged; field and entity names that it uses are checked against those that it declares. */
export function backend<
  const E extends EntityMap,
  const I = Record<never, never>,
  const O = Record<never, never>,
  const S = Record<never, never>,
  const R = Record<never, never>,
  const T = Record<never, never>,
  const J = Record<never, never>,
  const H extends ServiceMap = Record<never, never>,
  const W = Record<never, never>,
  const X = Record<never, never>,
>(design: NameCheckedDesign<E, I, O, S, R, T, J, H, W, X>): Design & CheckedParts<E> & ActionParts<I, O, S, R, T, J, H, W, X> {
  return design as Design & CheckedParts<E> & ActionParts<I, O, S, R, T, J, H, W, X>
}

/** Text of bounded length. */
export function text<const W extends string = never, const O extends boolean = false>(options?: TextOptions<W, O>): TextField<W, O> {
  return { ...options, type: 'text' }
}

/** An email address. */
export function email<const W extends string = never, const O extends boolean = false>(options?: EmailOptions<W, O>): EmailField<W, O> {
  return { ...options, type: 'email' }
}

/** An absolute `http` or `https` URL. */
export function url<const W extends string = never, const O extends boolean = false>(options?: UrlOptions<W, O>): UrlField<W, O> {
  return { ...options, type: 'url' }
}

/** A UUID. */
export function uuid<const W extends string = never, const O extends boolean = false>(options?: UuidOptions<W, O>): UuidField<W, O> {
  return { ...options, type: 'uuid' }
}

/** A whole number that JSON can represent exactly: within ±(2^53 - 1). */
export function integer<const W extends string = never, const O extends boolean = false>(
  options?: IntegerOptions<W, O>,
): IntegerField<W, O> {
  return { ...options, type: 'integer' }
}

/** An exact number with `precision` digits in all, `scale` of them after the point; in JSON it is text. */
export function decimal<const W extends string = never, const O extends boolean = false>(
  precision: number,
  scale: number,
  options?: DecimalOptions<W, O>,
): DecimalField<W, O> {
  return { ...options, type: 'decimal', precision, scale }
}

/** A floating point number (IEEE 754 double). */
export function number<const W extends string = never, const O extends boolean = false>(options?: NumberOptions<W, O>): NumberField<W, O> {
  return { ...options, type: 'number' }
}

/** True or false. */
export function boolean<const W extends string = never, const O extends boolean = false>(
  options?: BooleanOptions<W, O>,
): BooleanField<W, O> {
  return { ...options, type: 'boolean' }
}

/** A moment, to the millisecond, in UTC (RFC 3339). */
export function timestamp<const W extends string = never, const O extends boolean = false>(
  options?: TimestampOptions<W, O>,
): TimestampField<W, O> {
  return { ...options, type: 'timestamp' }
}

/** A day of the calendar, without time or zone. */
export function date<const W extends string = never, const O extends boolean = false>(options?: CalendarOptions<W, O>): DateField<W, O> {
  return { ...options, type: 'date' }
}

/** A time of day, without zone. */
export function time<const W extends string = never, const O extends boolean = false>(options?: CalendarOptions<W, O>): TimeField<W, O> {
  return { ...options, type: 'time' }
}

/** A length of time (ISO 8601, `PT1H30M`). */
export function duration<const W extends string = never, const O extends boolean = false>(
  options?: CalendarOptions<W, O>,
): DurationField<W, O> {
  return { ...options, type: 'duration' }
}

/** Any JSON value. */
export function json<const O extends boolean = false>(options?: JsonOptions<O>): JsonField<O> {
  return { ...options, type: 'json' }
}

/** One of a fixed set of texts. */
export function choice<const V extends string, const W extends string = never, const O extends boolean = false>(
  values: readonly V[],
  options?: ChoiceOptions<W, O> & { readonly default?: NoInfer<V> | { readonly expression: string } },
): ChoiceField<V, W, O> {
  return { ...options, type: 'choice', values }
}

/** A list of scalars or choices. */
export function list<const O extends boolean = false>(of: ItemDesign, options?: ListOptions<O>): ListField<O> {
  return { ...options, type: 'list', of }
}

/** A secret that is stored as a hash and can never be read. */
export function password<const O extends boolean = false>(options?: PasswordOptions<O>): PasswordField<O> {
  return { ...options, type: 'password' }
}

/** A reference to one row of another entity. */
export function ref<const T extends string, const W extends string = never, const O extends boolean = false>(
  entity: T,
  options?: RefOptions<W, O>,
): RefField<T, W, O> {
  return { ...options, type: 'ref', entity }
}

/** A file. The row has a reference to it, and the storage has its bytes. */
export function file<const O extends boolean = false>(options?: FileOptions<O>): FileField<O> {
  return { ...options, type: 'file' }
}

/** A number that the server gives each new row: 1, 2, 3, … of the whole table, or of each value of `within`. */
export function sequence<const W extends string = never>(options?: SequenceOptions<W>): SequenceField<W> {
  return { ...options, type: 'sequence' }
}

/** A secret that the server gives each new row. It is shown once, by the action that makes the row, and finds the row in an input. */
export function token(options?: TokenOptions): TokenField {
  return { ...options, type: 'token' }
}

/** A value that the database computes from the row's own fields. */
export function computed(expression: string, options?: ComputedOptions): ComputedField {
  return { ...options, type: 'computed', expression }
}
