/**
 * The types of fields in a design: one interface for each field type. The type parameters carry names that `backend()` checks in the
 * editor.
 */

import type { FieldOptions } from './field-options.ts'
import type { FileField, StoredFile } from './file-design.ts'
import type { ComputedField, SequenceField, TokenField } from './given-field-design.ts'

/** A default that is computed when a row is created: CEL with `auth`, `now()`, `today()` and `uuid()`. */
interface ExpressionDefault {
  readonly expression: string
}

/** Options of a text field. */
export interface TextOptions<W extends string = string, O extends boolean = boolean> extends FieldOptions<W, O> {
  /** Least number of characters (code points). */
  readonly min?: number
  /** Most characters (code points); 10 000 unless given. */
  readonly max?: number
  /** A regular expression that the text must match (ECMAScript, `u` flag). */
  readonly pattern?: string
  /** An empty text that is sent is stored as missing. */
  readonly empty?: null
  /** The database has the values encrypted. With `equality: true`, requests find rows by equal values. */
  readonly encrypted?: boolean | { readonly equality: boolean }
  readonly default?: string | ExpressionDefault
}

/** Options of an email field. */
export interface EmailOptions<W extends string = string, O extends boolean = boolean> extends FieldOptions<W, O> {
  readonly default?: string | ExpressionDefault
}

/** Options of a url field. */
export interface UrlOptions<W extends string = string, O extends boolean = boolean> extends FieldOptions<W, O> {
  readonly default?: string | ExpressionDefault
}

/** Options of a uuid field. */
export interface UuidOptions<W extends string = string, O extends boolean = boolean> extends FieldOptions<W, O> {
  readonly default?: string | ExpressionDefault
}

/** Options of an integer field. */
export interface IntegerOptions<W extends string = string, O extends boolean = boolean> extends FieldOptions<W, O> {
  readonly min?: number
  readonly max?: number
  readonly default?: number | ExpressionDefault
}

/** Options of a decimal field. */
export interface DecimalOptions<W extends string = string, O extends boolean = boolean> extends FieldOptions<W, O> {
  /** Exact bounds as text ('0.01') or as a number. */
  readonly min?: number | string
  readonly max?: number | string
  readonly default?: number | string | ExpressionDefault
}

/** Options of a number field. */
export interface NumberOptions<W extends string = string, O extends boolean = boolean> extends FieldOptions<W, O> {
  readonly min?: number
  readonly max?: number
  readonly default?: number | ExpressionDefault
}

/** Options of a boolean field. */
export interface BooleanOptions<W extends string = string, O extends boolean = boolean> extends FieldOptions<W, O> {
  readonly default?: boolean | ExpressionDefault
}

/** Options of a timestamp field. */
export interface TimestampOptions<W extends string = string, O extends boolean = boolean> extends FieldOptions<W, O> {
  readonly min?: string
  readonly max?: string
  /** An ISO 8601 timestamp is a value; any other text is an expression (`now()`). */
  readonly default?: string | ExpressionDefault
}

/** Options of a date or time field: its limits are dates or times. */
export interface CalendarOptions<W extends string = string, O extends boolean = boolean> extends FieldOptions<W, O> {
  readonly min?: string
  readonly max?: string
  readonly default?: string | ExpressionDefault
}

/** Options of a json field. */
export interface JsonOptions<O extends boolean = boolean> extends Omit<FieldOptions<never, O>, 'unique'> {
  /** Any JSON value; an object with the one key `expression` is an expression. */
  readonly default?: unknown
}

/** Options of a choice field. */
export interface ChoiceOptions<W extends string = string, O extends boolean = boolean> extends FieldOptions<W, O> {
  readonly default?: string | ExpressionDefault
}

/** Options of a list field. */
export interface ListOptions<O extends boolean = boolean> extends Omit<FieldOptions<never, O>, 'unique'> {
  /** Least number of items. */
  readonly min?: number
  /** Most items; 100 unless given. */
  readonly max?: number
  readonly default?: readonly unknown[] | ExpressionDefault
}

/** Options of a password field. */
export interface PasswordOptions<O extends boolean = boolean>
  extends Omit<FieldOptions<never, O>, 'unique' | 'read' | 'set' | 'on' | 'erased'> {
  /** Least number of characters; 15 unless given. */
  readonly min?: number
  /** Most characters; 256 unless given. */
  readonly max?: number
  readonly pattern?: string
}

/** Options of a ref field. */
export interface RefOptions<W extends string = string, O extends boolean = boolean> extends FieldOptions<W, O> {
  /** The name of the to-many relation that the other entity gets. */
  readonly inverse?: string
  /** What happens to this row when the other is deleted; `restrict` (the other cannot be deleted) unless given. */
  readonly onDelete?: 'restrict' | 'cascade' | 'setNull'
  /** For a reference to the entity itself: no row may become its own ancestor. */
  readonly acyclic?: boolean
  /** What happens to this row when the person that it is about is erased; what `onDelete` says unless given. */
  readonly erase?: 'delete' | 'empty' | 'unlink' | 'keep'
  /** An expression that gives an id, such as 'auth.id'. */
  readonly default?: string | ExpressionDefault
}

/** A text field. */
export interface TextField<W extends string = string, O extends boolean = boolean> extends TextOptions<W, O> {
  readonly type: 'text'
}

/** An email field. */
export interface EmailField<W extends string = string, O extends boolean = boolean> extends EmailOptions<W, O> {
  readonly type: 'email'
}

/** A url field. */
export interface UrlField<W extends string = string, O extends boolean = boolean> extends UrlOptions<W, O> {
  readonly type: 'url'
}

/** A uuid field. */
export interface UuidField<W extends string = string, O extends boolean = boolean> extends UuidOptions<W, O> {
  readonly type: 'uuid'
}

/** An integer field. */
export interface IntegerField<W extends string = string, O extends boolean = boolean> extends IntegerOptions<W, O> {
  readonly type: 'integer'
}

/** A decimal field. */
export interface DecimalField<W extends string = string, O extends boolean = boolean> extends DecimalOptions<W, O> {
  readonly type: 'decimal'
  /** Digits in all, before and after the point. */
  readonly precision: number
  /** Digits after the point. */
  readonly scale: number
}

/** A number field. */
export interface NumberField<W extends string = string, O extends boolean = boolean> extends NumberOptions<W, O> {
  readonly type: 'number'
}

/** A boolean field. */
export interface BooleanField<W extends string = string, O extends boolean = boolean> extends BooleanOptions<W, O> {
  readonly type: 'boolean'
}

/** A timestamp field. */
export interface TimestampField<W extends string = string, O extends boolean = boolean> extends TimestampOptions<W, O> {
  readonly type: 'timestamp'
}

/** A date field. */
export interface DateField<W extends string = string, O extends boolean = boolean> extends CalendarOptions<W, O> {
  readonly type: 'date'
}

/** A time field. */
export interface TimeField<W extends string = string, O extends boolean = boolean> extends CalendarOptions<W, O> {
  readonly type: 'time'
}

/** A duration field. */
export interface DurationField<W extends string = string, O extends boolean = boolean> extends CalendarOptions<W, O> {
  readonly type: 'duration'
}

/** A json field. */
export interface JsonField<O extends boolean = boolean> extends JsonOptions<O> {
  readonly type: 'json'
}

/** A choice field. */
export interface ChoiceField<V extends string = string, W extends string = string, O extends boolean = boolean>
  extends ChoiceOptions<W, O> {
  readonly type: 'choice'
  readonly values: readonly V[]
}

/** A list field. */
export interface ListField<O extends boolean = boolean> extends ListOptions<O> {
  readonly type: 'list'
  readonly of: ItemDesign
}

/** A password field. */
export interface PasswordField<O extends boolean = boolean> extends PasswordOptions<O> {
  readonly type: 'password'
}

/** A ref field. */
export interface RefField<T extends string = string, W extends string = string, O extends boolean = boolean> extends RefOptions<W, O> {
  readonly type: 'ref'
  readonly entity: T
}

/** What one item of a list may be: a scalar or a choice, with the limits of a value and none of the options of a field. */
export type ItemDesign =
  | Pick<TextField, 'type' | 'min' | 'max' | 'pattern'>
  | Pick<EmailField, 'type'>
  | Pick<UrlField, 'type'>
  | Pick<UuidField, 'type'>
  | Pick<IntegerField, 'type' | 'min' | 'max'>
  | Pick<DecimalField, 'type' | 'precision' | 'scale' | 'min' | 'max'>
  | Pick<NumberField, 'type' | 'min' | 'max'>
  | Pick<BooleanField, 'type'>
  | Pick<TimestampField, 'type' | 'min' | 'max'>
  | Pick<DateField, 'type' | 'min' | 'max'>
  | Pick<TimeField, 'type' | 'min' | 'max'>
  | Pick<DurationField, 'type' | 'min' | 'max'>
  | Pick<ChoiceField, 'type' | 'values'>

/** A field of a design. */
export type FieldDesign =
  | TextField
  | EmailField
  | UrlField
  | UuidField
  | IntegerField
  | DecimalField
  | NumberField
  | BooleanField
  | TimestampField
  | DateField
  | TimeField
  | DurationField
  | JsonField
  | ChoiceField
  | ListField
  | PasswordField
  | RefField
  | FileField
  | SequenceField
  | TokenField
  | ComputedField

/** The name of a field type. */
export type FieldKind = FieldDesign['type']

/** The value of a field or item in JSON. */
export type FieldValue<F> = F extends { readonly type: 'choice'; readonly values: readonly (infer V)[] }
  ? V
  : F extends { readonly type: 'list'; readonly of: infer I }
    ? readonly FieldValue<I>[]
    : F extends { readonly type: infer T }
      ? T extends 'integer' | 'number' | 'sequence'
        ? number
        : T extends 'boolean'
          ? boolean
          : T extends 'json' | 'computed'
            ? unknown
            : T extends 'file'
              ? StoredFile
              : string
      : unknown

/** A value that code passes on. A file is passed as the ticket of an upload. */
export type SentValue<F> = F extends { readonly type: 'file' }
  ? string
  : F extends { readonly type: 'decimal' }
    ? string | number
    : F extends { readonly type: 'timestamp' }
      ? string | Date
      : FieldValue<F>

/** Null for an optional field, else `never`. The functions that make fields keep in their type whether the field is optional. */
export type MissingValue<F> = F extends { readonly optional?: infer O }
  ? unknown extends O
    ? never
    : true extends O
      ? null
      : never
  : never
