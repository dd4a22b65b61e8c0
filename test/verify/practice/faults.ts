/** All seeded faults: three of each class. */

import type { SeededFault } from './fault.ts'
import { FAULTS_OF_ADDRESSES } from './faults-of-addresses.ts'
import { FAULTS_OF_ANSWERS } from './faults-of-answers.ts'
import { FAULTS_OF_ATTACKS } from './faults-of-attacks.ts'
import { FAULTS_OF_CALLERS } from './faults-of-callers.ts'
import { FAULTS_OF_OUTGOING } from './faults-of-outgoing.ts'

const ALL = [FAULTS_OF_ANSWERS, FAULTS_OF_ATTACKS, FAULTS_OF_OUTGOING, FAULTS_OF_CALLERS, FAULTS_OF_ADDRESSES].flat()

/** In the order of the classes. */
export const FAULTS: readonly SeededFault[] = ALL.toSorted((a, b) => (a.id < b.id ? -1 : 1))
