/** Which planted faults `npm test` tries. */

/** Whether all tests are run. */
export const IS_FULL = process.env.PLINTH_FULL === '1'

/**
 * The first fault of each group, because the faults of a group are found by the same code of verify.
 *
 * @param groupOf the name of the group of a fault.
 * @returns all faults with `PLINTH_FULL=1`.
 */
export function firstOfEach<T>(faults: readonly T[], groupOf: (fault: T) => string): readonly T[] {
  if (IS_FULL) return faults
  return [...Map.groupBy(faults, groupOf).values()].flatMap((group) => group.slice(0, 1))
}

/** The family of cases with this name, with its class or what it is about: `security/F206`, `lists/Post`. */
export const groupOfCases = (name: string): string => name.split('/', 2).join('/')
