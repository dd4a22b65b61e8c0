/** The types of seeded faults. */

import type { SecurityClass } from '../../../src/verify/security/classes.ts'
import type { Acting } from './acting.ts'

/** A change of the source of one module, made while the module is loaded. */
export interface Patch {
  /** The file, below `src/`. */
  readonly file: string
  /** Text that the file has exactly once. */
  readonly find: string
  readonly replace: string
}

/** A fault that is planted in a running backend. */
export interface SeededFault {
  /** The class and a letter: `F100a`. */
  readonly id: `${SecurityClass}${'a' | 'b' | 'c'}`
  /** The fault, in plain words. */
  readonly what: string
  /** The design that is served, relative to the repository. */
  readonly design: string
  readonly patches: readonly Patch[]
  /** Asks a backend whether it has the fault: what it saw, or null for a backend without it. */
  readonly acts: (acting: Acting) => Promise<string | null>
}

export const BLOG = 'examples/blog'
export const LIBRARY = 'test/verify/designs/library.yaml'
export const FAIR = 'test/verify/designs/fair.yaml'
export const NOTICES = 'test/verify/designs/notices.yaml'
