/** Limits on the size of an expression. Anyone may send a request, so its limits are lower than those of a design. */

/** The limits of one expression, and which functions it may use. */
export interface Limits {
  /** Characters of the source. */
  readonly length: number
  /** Nodes of the syntax tree, how deeply brackets and calls nest, and how many levels the tree has (a chain of `&&` or `||` is one). */
  readonly nodes: number
  readonly depth: number
  readonly levels: number
  /** Comparisons and other conditions, with named rules written out. */
  readonly clauses: number
  /** Steps over relations in one path, counting each `exists` and `all` around it. */
  readonly relations: number
  /** Characters of one text constant. */
  readonly text: number
  /** Items of one list. */
  readonly items: number
  /** Whether `matches`, `slugify` and `replace`, and `can` may be used. */
  readonly matches: boolean
  readonly can: boolean
  /** Whether `sum`, `avg`, `min`, `max`, `map` and `filter` may be used. */
  readonly aggregates: boolean
}

/** The limits of expressions in a design. */
export const DESIGN_LIMITS: Limits = {
  length: 20_000,
  nodes: 5_000,
  depth: 100,
  levels: 400,
  clauses: 500,
  relations: 5,
  text: 1_000,
  items: 500,
  matches: true,
  can: true,
  aggregates: true,
}

/** The limits of expressions in a request. */
export const REQUEST_LIMITS: Limits = {
  length: 4_000,
  nodes: 2_000,
  depth: 30,
  levels: 120,
  clauses: 100,
  relations: 3,
  text: 1_000,
  items: 500,
  matches: false,
  can: false,
  aggregates: false,
}
