/** The limits of actions. */

/** The maximum number of elements of `each`, and of rows of a `list`. */
export const MAX_ELEMENTS = 1_000
