/** The reference of a random design. */

import type { ReferenceBackend as ReferenceOf } from '../../../src/verify/expected/reference.ts'
import type { AuthoredDesign } from '../design/authored.ts'

export type Reference = ReferenceOf<AuthoredDesign>
