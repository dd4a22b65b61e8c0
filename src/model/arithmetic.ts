/**
 * How far arithmetic reaches. PostgreSQL stops a statement on overflow, and no row may stop the statement that reads its neighbours. So
 * values enter arithmetic only within these bounds (beyond them they count as missing), and an expression whose result could then still
 * leave the range of its type is refused when it is compiled.
 */

/** A `number` (double precision) takes part from 1e-60 to 1e60, and zero. */
export const NUMBER_EXPONENT = 60

/** A duration takes part up to this many years of 365.25 days. */
export const DURATION_YEARS = 1_000
