/** All seeded faults: three of each class. */

import type { SeededFault } from './fault.ts'
import { FAULTS_OF_ADDRESSES } from './faults-of-addresses.ts'
import { FAULTS_OF_ANSWERS } from './faults-of-answers.ts'
import { FAULTS_OF_ATTACKS } from './faults-of-attacks.ts'
import { FAULTS_OF_CALLERS } from './faults-of-callers.ts'

/** In the order of the classes. */
export const FAULTS: readonly SeededFault[] = [...FAULTS_OF_ANSWERS, ...FAULTS_OF_ATTACKS, ...FAULTS_OF_CALLERS, ...FAULTS_OF_ADDRESSES]
