/** Which of the two commits gets which slot. */

/** `this` is the working tree, `other` the commit that it is compared with. */
export type Side = 'this' | 'other'

/**
 * The four slots of a round: A B B A, so that a machine that becomes steadily faster or slower favours neither side. A is `this` in odd
 * rounds and `other` in even rounds, so that being first favours neither.
 *
 * @param round from 1 on.
 */
export function orderOf(round: number): readonly [Side, Side, Side, Side] {
  return round % 2 === 1 ? ['this', 'other', 'other', 'this'] : ['other', 'this', 'this', 'other']
}
