/** The limits of actions. */

/** The most elements of `each`, and rows of a `list`. */
export const MAX_ELEMENTS = 1_000
