/** How much memory a process lets its garbage take. */

import { setFlagsFromString } from 'node:v8'

/**
 * The engine lets its heap grow to a multiple of what is in use before it collects, which for requests of a megabyte is hundreds of megabytes of what has
 * been answered already. With half of what is in use instead, 100,000 rows in requests of a megabyte raise the process by 110 MB instead of 185. At other
 * times that would be a waste: an answer of 200 kB takes the process more than twice as long when garbage is collected so often.
 */
const GROWTH_PERCENT = { usual: 0, small: 50 } as const

/** Lets the heap grow less while there are large bodies, and as the engine sees fit when there are none. An engine without the setting goes on as before. */
export function sizeHeap(largeBodies: 'some' | 'none'): void {
  setFlagsFromString(`--heap-growing-percent=${largeBodies === 'some' ? GROWTH_PERCENT.small : GROWTH_PERCENT.usual}`)
}
