/**
 * The bounds of arithmetic. PostgreSQL stops a statement on overflow, and one row must not stop a statement that reads other rows too. So a
 * value beyond these bounds counts as missing in arithmetic. An expression whose result could still leave the range of its type is refused
 * when it is compiled.
 */

/** In arithmetic, a `number` (double precision) is zero or from 1e-60 to 1e60; this is the exponent. */
export const NUMBER_EXPONENT = 60

/** The longest duration in arithmetic, in years of 365.25 days. */
export const DURATION_YEARS = 1_000
