// Types of conditions on fields, and of orders.

/** Conditions on a value. `null`: it is missing. */
export type Equal<T> =
  | T
  | null
  | { readonly eq?: T; readonly ne?: T | null; readonly in?: readonly T[]; readonly nin?: readonly T[]; readonly isNull?: boolean }
/** Conditions on a value with an order. */
export type Ordered<T> =
  | Equal<T>
  | {
      readonly eq?: T
      readonly ne?: T | null
      readonly in?: readonly T[]
      readonly nin?: readonly T[]
      readonly isNull?: boolean
      readonly gt?: T
      readonly gte?: T
      readonly lt?: T
      readonly lte?: T
    }
/** Conditions on a text. */
export type Text<T extends string = string> =
  | Ordered<T>
  | {
      readonly eq?: T
      readonly ne?: T | null
      readonly in?: readonly T[]
      readonly nin?: readonly T[]
      readonly isNull?: boolean
      readonly gt?: T
      readonly gte?: T
      readonly lt?: T
      readonly lte?: T
      readonly contains?: string
      readonly startsWith?: string
      readonly endsWith?: string
    }
/** Conditions on a list. */
export type Listed<T> = null | { readonly contains?: T; readonly isNull?: boolean }
/** Conditions on a value that is compared with nothing. */
export type Present = null | { readonly isNull?: boolean }
/** Conditions on an encrypted text that is found by equal values. */
export type Found = null | { readonly eq?: string; readonly in?: readonly string[]; readonly isNull?: boolean }
/** Conditions on the row of a reference, beside those on its id. */
export type Through<F> = { readonly is: F }
/** A name to sort by, ascending, or descending with `-`. */
export type Sorted<K extends string> = K | `-${K}`
