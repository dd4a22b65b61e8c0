/**
 * The types of the design language as data. `language.ts` states each fact once. The checker, the published JSON Schema and a test of the
 * TypeScript types read this value, so they agree.
 */

import type { Code } from '../authoring/behaviour-design.ts'
import type { AnswerDesign, ValueDesign } from '../authoring/logic-design.ts'

/** What may stand at one place of a document. */
export type Form =
  | TextForm
  /** CEL, checked against the design later. */
  | { readonly kind: 'expression' }
  /** A length of time such as `50ms`, `30s`, `5m`, `2h`, `90d`. */
  | { readonly kind: 'span' }
  | { readonly kind: 'boolean' }
  /** The word null. */
  | { readonly kind: 'null' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'number' }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  /** A function, or the path of one. */
  | { readonly kind: 'code' }
  /** An expression, or a number, a boolean or null as a constant. */
  | { readonly kind: 'value' }
  /** A JSON tree of objects; its leaves are values. */
  | { readonly kind: 'tree' }
  /** Any JSON value. */
  | { readonly kind: 'json' }
  | ListForm
  | MapForm
  | ObjectForm
  | TaggedForm
  | KeyedForm
  /** Alternatives that differ in the JSON type of the value. */
  | { readonly kind: 'either'; readonly of: readonly Form[] }

interface TextForm {
  readonly kind: 'text'
  readonly max: number
  /** Whether the text may be empty. */
  readonly empty?: true
  /**
   * The text must match `source`; `says` describes it. With `secret`, messages do not show the text, which may be a secret written by
   * mistake.
   */
  readonly pattern?: { readonly source: string; readonly says: string; readonly secret?: true }
}

/** A list; `min` and `max` are numbers of entries. */
export interface ListForm {
  readonly kind: 'list'
  readonly of: Form
  readonly min: number
  readonly max: number
}

/** A map with names that the author chooses. */
export interface MapForm {
  readonly kind: 'map'
  readonly of: Form
  readonly max: number
}

/** An object with known keys. */
export interface ObjectForm {
  readonly kind: 'object'
  readonly keys: Readonly<Record<string, FormKey>>
  /** The name of the form in the JSON Schema, when it is used in several places. */
  readonly title?: string
}

/** Objects whose key `tag` names their case. */
export interface TaggedForm {
  readonly kind: 'tagged'
  readonly tag: string
  readonly cases: Readonly<Record<string, ObjectForm>>
  /** Words of other tools for the cases, for suggestions. */
  readonly synonyms?: Readonly<Record<string, string>>
  readonly title?: string
}

/** Objects with a key that is the name of their case. */
export interface KeyedForm {
  readonly kind: 'keyed'
  readonly cases: Readonly<Record<string, ObjectForm | TaggedForm>>
  /** For the steps of an action: the codes of an object without a known key, and with two of them. */
  readonly codes?: { readonly none: 'PLN-D502'; readonly several: 'PLN-D501' }
  /** Words of other tools for the cases, for suggestions. */
  readonly synonyms?: Readonly<Record<string, string>>
  readonly title?: string
}

/** A key of an object, with its description for editors and the reference. */
export interface FormKey {
  readonly form: Form
  readonly required: boolean
  readonly description: string
  /** A value in the spelling of the document, for messages and editors. */
  readonly example: unknown
}

/** The TypeScript type of the values of a form. */
export type Infer<F> = F extends { readonly kind: 'text' | 'expression' | 'span' }
  ? string
  : F extends { readonly kind: 'null' }
    ? null
    : F extends { readonly kind: 'boolean' }
      ? boolean
      : F extends { readonly kind: 'integer' | 'number' }
        ? number
        : F extends { readonly kind: 'enum'; readonly values: readonly (infer V)[] }
          ? V
          : F extends { readonly kind: 'code' }
            ? Code
            : F extends { readonly kind: 'value' }
              ? ValueDesign
              : F extends { readonly kind: 'tree' }
                ? AnswerDesign
                : F extends { readonly kind: 'json' }
                  ? unknown
                  : F extends { readonly kind: 'list'; readonly of: infer I }
                    ? readonly Infer<I>[]
                    : F extends { readonly kind: 'map'; readonly of: infer I }
                      ? Readonly<Record<string, Infer<I>>>
                      : F extends { readonly kind: 'either'; readonly of: readonly (infer I)[] }
                        ? I extends unknown
                          ? Infer<I>
                          : never
                        : F extends { readonly kind: 'object'; readonly keys: infer K }
                          ? InferKeys<K>
                          : F extends { readonly kind: 'tagged'; readonly tag: infer T; readonly cases: infer C }
                            ? { [N in keyof C]: { readonly [t in T & string]: N } & Infer<C[N]> }[keyof C]
                            : F extends { readonly kind: 'keyed'; readonly cases: infer C }
                              ? { [N in keyof C]: Infer<C[N]> }[keyof C]
                              : never

type InferKeys<K> = {
  readonly [N in keyof K as K[N] extends { readonly required: true } ? N : never]: K[N] extends { readonly form: infer F }
    ? Infer<F>
    : never
} & {
  readonly [N in keyof K as K[N] extends { readonly required: true } ? never : N]?: K[N] extends { readonly form: infer F }
    ? Infer<F>
    : never
}
