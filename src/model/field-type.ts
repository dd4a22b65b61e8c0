/** The types of fields and their limits. */

import type { Term } from './expression.ts'
import type { ScalarKind } from './scalar.ts'

/** The type of a field, with its limits. */
export type FieldType =
  | ScalarType
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | {
      readonly kind: 'list'
      readonly of: ScalarType | { readonly kind: 'choice'; readonly values: readonly string[] }
      readonly min: number | null
      readonly max: number
    }
  | { readonly kind: 'password'; readonly min: number; readonly max: number; readonly pattern: string | null }
  | {
      readonly kind: 'ref'
      readonly entity: string
      /** The to-many relation on the target; null when the design names none. */
      readonly inverse: string | null
      readonly onDelete: 'restrict' | 'cascade' | 'setNull'
      /** The reference points to the entity itself, and no row may become its own ancestor. */
      readonly acyclic: boolean
      /** The scalar of the target's id. */
      readonly scalar: ScalarKind
    }
  | { readonly kind: 'computed'; readonly scalar: ScalarKind; readonly term: Term }
  | FileType

/** A file. The row has a reference to it, and the storage has its bytes. */
export interface FileType {
  readonly kind: 'file'
  /** The most bytes. */
  readonly max: number
  /** The accepted media types, such as `image/png` and `image/*`; null for all. */
  readonly accept: readonly string[] | null
  /** The sizes in which an image can be read, besides as it was sent; empty for none. */
  readonly sizes: readonly ImageSize[]
  /** The address of the file is the id of its row between these texts. */
  readonly address: { readonly before: string; readonly after: string }
}

/** A smaller copy of an image. At least one of width and height is there. */
export interface ImageSize {
  readonly name: string
  /** The most pixels; null for as many as the other side gives. */
  readonly width: number | null
  readonly height: number | null
  /** The whole image within width and height, or cut to exactly both. */
  readonly fit: 'inside' | 'cover'
}

/**
 * A scalar with the field's own limits. For text `min` and `max` count code points, for numbers they are values (decimals, dates as text).
 */
export interface ScalarType {
  readonly kind: 'scalar'
  readonly scalar: ScalarKind
  readonly min: number | string | null
  readonly max: number | string | null
  readonly pattern: string | null
  /** For an encrypted text: the entity and the field (`Customer.phone`). A value of another field cannot be decrypted in its place. */
  readonly boundTo?: string
  /** An empty text that is sent counts as null. */
  readonly emptyIsNull?: true
  /** Digits in all and after the point, for `decimal`; null otherwise. */
  readonly precision: { readonly digits: number; readonly scale: number } | null
}
