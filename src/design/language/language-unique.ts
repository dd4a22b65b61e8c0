/** The design language, as data: unique constraints of a field and of an entity. */

import type { Form, FormKey } from './form.ts'
import { BOOLEAN, EXPRESSION, NAME } from './language-forms.ts'

/** Names of fields. */
export const FIELD_NAMES = { kind: 'list', of: NAME, min: 1, max: 8 } as const satisfies Form

const UNIQUE_WHERE = {
  form: EXPRESSION,
  required: false,
  description: "Only rows for which this condition on the row's own fields holds are compared (CEL).",
  example: 'state == "open"',
} as const satisfies FormKey
/** The option of a field. */
export const UNIQUE = {
  form: {
    kind: 'either',
    of: [
      BOOLEAN,
      {
        kind: 'object',
        title: 'uniqueAmong',
        keys: {
          within: { form: NAME, required: false, description: 'Only rows with the same value of this field are compared.', example: 'org' },
          where: UNIQUE_WHERE,
        },
      },
    ],
  },
  required: false,
  description:
    'No two rows may hold the same value; { within: org }: no two rows of the same org; { where: … }: no two rows for which it holds.',
  example: true,
} as const satisfies FormKey

/** One constraint of an entity. */
export const UNIQUE_FIELDS = {
  kind: 'either',
  of: [
    FIELD_NAMES,
    {
      kind: 'object',
      title: 'uniqueWhere',
      keys: {
        fields: {
          form: FIELD_NAMES,
          required: true,
          description: 'Fields whose values no two of these rows may share.',
          example: ['room'],
        },
        where: { ...UNIQUE_WHERE, required: true },
      },
    },
  ],
} as const satisfies Form
