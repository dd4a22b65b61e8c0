/** The design language, as data: code. */

import type { Form } from './form.ts'

/** A function or the path of one. */
export const CODE = { kind: 'code' } as const satisfies Form
