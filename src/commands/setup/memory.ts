/** How much memory the process uses before it collects garbage. */

import { setFlagsFromString } from 'node:v8'

/**
 * The engine lets the heap grow to a multiple of the used memory before it collects garbage. With requests of a megabyte, that is hundreds
 * of megabytes of garbage. With a growth of only half the used memory, 100,000 rows in requests of a megabyte raise the process by 110 MB
 * instead of 185 MB. Without large bodies this setting would cost time: an answer of 200 kB then takes more than twice as long.
 */
const GROWTH_PERCENT = { usual: 0, small: 50 } as const

/**
 * Limits the growth of the heap while there are large bodies, and restores the default of the engine afterwards. Engines without the
 * setting ignore it.
 */
export function sizeHeap(largeBodies: 'some' | 'none'): void {
  setFlagsFromString(`--heap-growing-percent=${largeBodies === 'some' ? GROWTH_PERCENT.small : GROWTH_PERCENT.usual}`)
}
