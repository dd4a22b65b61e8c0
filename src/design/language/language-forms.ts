/** The design language, as data: the forms of single values, and of unique constraints. */

import type { Form, FormKey } from './form.ts'

const TEXT_MAX = 2_000
/** The most characters of an expression. */
export const EXPRESSION_MAX = 4_000
const NAME_MAX = 200
/** The most members of one object of an answer. */
export const TREE_MAX = 200
/** The most characters of a pattern. */
export const PATTERN_MAX = 500

/** A name. */
export const NAME = { kind: 'text', max: NAME_MAX } as const satisfies Form
/** A length of time. */
export const SPAN = { kind: 'span' } as const satisfies Form

/** The name of a variable of the environment, which holds a secret. */
export const ENVIRONMENT = {
  kind: 'text',
  max: 100,
  pattern: {
    source: '^[A-Z][A-Z0-9_]*$',
    says: 'the name of an environment variable, such as BILLING_TOKEN; a secret itself has no place in a design',
    secret: true,
  },
} as const satisfies Form
/** How long a request to another system may take. */
export const TIMEOUT = {
  form: SPAN,
  required: false,
  description: 'How long to wait for an answer.',
  example: '5s',
} as const satisfies FormKey

/** A function or the path of one. */
export const CODE = { kind: 'code' } as const satisfies Form

/** Whether code opens its transaction itself. */
export const OWN_TRANSACTION = {
  form: { kind: 'enum', values: ['own'] },
  required: false,
  description:
    'The code of run begins outside of a transaction and opens it with ctx.transaction. It may wait for other systems outside of it.',
  example: 'own',
} as const satisfies FormKey

/** A longer text. */
export const PROSE = { kind: 'text', max: TEXT_MAX } as const satisfies Form
/** A text that may be empty. */
export const ANY_PROSE = { ...PROSE, empty: true } as const satisfies Form
/** An expression. */
export const EXPRESSION = { kind: 'expression' } as const satisfies Form
/** An expression or a constant. */
export const VALUE = { kind: 'value' } as const satisfies Form
/** True or false. */
export const BOOLEAN = { kind: 'boolean' } as const satisfies Form
/** A number of things. */
export const COUNT = { kind: 'integer', min: 0, max: 10_000_000 } as const satisfies Form
/** A whole number. */
export const WHOLE = { kind: 'integer', min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER } as const satisfies Form
/** A number. */
export const NUMBER = { kind: 'number' } as const satisfies Form
/** A number, or its exact text. */
export const EXACT = { kind: 'either', of: [NUMBER, { kind: 'text', max: NAME_MAX }] } as const satisfies Form

/** An address, or the name of the environment variable that has it. */
export const URL_OR_VARIABLE = {
  kind: 'text',
  max: 2_000,
  pattern: {
    source: '^(?:https?://[^\\s]+|[A-Z][A-Z0-9_]*)$',
    says: 'an http or https URL, or the name of an environment variable that has one, such as BILLING_URL',
  },
} as const satisfies Form

/** Names of fields. */
export const FIELD_NAMES = { kind: 'list', of: NAME, min: 1, max: 8 } as const satisfies Form

/** How an empty text is stored. */
export const EMPTY = {
  form: { kind: 'null' },
  required: false,
  description: 'An empty text that is sent is stored as missing.',
  example: null,
} as const satisfies FormKey

/** The rows that a computed field looks at. */
export const WHOSE_ROWS = {
  form: { kind: 'enum', values: ['caller', 'system'] },
  required: false,
  description: 'Which related rows it is computed over: those that the caller may read (unless given), or all.',
  example: 'system',
} as const satisfies FormKey

const UNIQUE_WHERE = {
  form: EXPRESSION,
  required: false,
  description: "Only rows for which this condition on the row's own fields holds are compared (CEL).",
  example: 'state == "open"',
} as const satisfies FormKey

const UNIQUE_NAMED = {
  form: BOOLEAN,
  required: false,
  description:
    'Whether the error about a taken value (409) names the fields. Unless given, only callers who may read the field (the last one of ' +
    'several) are told its name, as the row that has the value may be hidden from the caller.',
  example: false,
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
          named: UNIQUE_NAMED,
        },
      },
    ],
  },
  required: false,
  description:
    'No two rows may hold the same value; { within: org }: no two rows of the same org; { where: … }: no two rows for which it holds; ' +
    '{ named: … }: whether the error names the field.',
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
        where: UNIQUE_WHERE,
        named: UNIQUE_NAMED,
      },
    },
  ],
} as const satisfies Form

/** The most bytes that a file may have, whatever the design says. */
export const LARGEST_FILE = 50 * 1024 ** 3

/** Pixels of the longer side of a smaller copy of an image. */
const LARGEST_SIDE = 4_096
const SIZE = '^[1-9]\\d{0,5}(?:\\.\\d)? ?[KMG]B$'

const PIXELS = { kind: 'integer', min: 1, max: LARGEST_SIDE } as const satisfies Form

const SIZE_KEYS = {
  width: { form: PIXELS, required: false, description: 'The most pixels from left to right.', example: 200 },
  height: { form: PIXELS, required: false, description: 'The most pixels from top to bottom.', example: 200 },
  fit: {
    form: { kind: 'enum', values: ['inside', 'cover'] },
    required: false,
    description: '"inside" (unless given): the whole image, within width and height; "cover": cut to exactly width and height.',
    example: 'cover',
  },
} as const satisfies Record<string, FormKey>

/** The options of a file that other fields do not have. */
export const FILE_KEYS = {
  max: {
    form: {
      kind: 'either',
      of: [
        { kind: 'integer', min: 1, max: LARGEST_FILE },
        { kind: 'text', max: 20, pattern: { source: SIZE, says: 'a size such as "500KB", "10MB" or "2GB"' } },
      ],
    },
    required: false,
    description: 'The most bytes: a number, or a text such as 10MB (of 1024 times 1024 bytes); 5MB unless given.',
    example: '10MB',
  },
  accept: {
    form: { kind: 'list', of: { kind: 'text', max: 100 }, min: 1, max: 50 },
    required: false,
    description: 'The accepted media types, found by the content of the file: image/png, or image/* for all images. Any file unless given.',
    example: ['image/png', 'application/pdf'],
  },
  sizes: {
    form: { kind: 'map', of: { kind: 'object', keys: SIZE_KEYS }, max: 20 },
    required: false,
    description: 'Smaller copies of an image, by name: ?size=thumb at the address of the file. They are WebP images.',
    example: { thumb: { width: 200, height: 200, fit: 'cover' } },
  },
} as const satisfies Record<string, FormKey>

/** What an erasure puts in place of a private value. */
export const ERASED = {
  form: { kind: 'json' },
  required: false,
  description: 'What an erasure of the person puts in place of a private value; null unless given. {id} in a text is a random UUID.',
  example: 'erased-{id}@example.invalid',
} as const satisfies FormKey

/** What an erasure does with the row of a reference. */
export const ERASE = {
  form: { kind: 'enum', values: ['delete', 'empty', 'unlink', 'keep'] },
  required: false,
  description: 'What happens to this row when the person that it is about is erased; what onDelete says unless given.',
  example: 'empty',
} as const satisfies FormKey

/** The same for the row of the person. */
export const ERASE_PERSON = {
  form: { kind: 'enum', values: ['delete', 'empty'] },
  required: false,
  description: 'What the erasure of a person does with the row of the person; delete unless given.',
  example: 'empty',
} as const satisfies FormKey

/** How long rows of an entity are kept. */
export const RETENTION = {
  form: {
    kind: 'either',
    of: [
      SPAN,
      {
        kind: 'object',
        title: 'retention',
        keys: {
          after: { form: SPAN, required: true, description: 'How long rows are kept after they were created.', example: '90d' },
          hours: {
            form: NAME,
            required: false,
            description: 'The hours of the day (UTC) in which old rows are deleted, the last one excluded; all unless given.',
            example: '1-5',
          },
        },
      },
    ],
  },
  required: false,
  description: 'How long rows are kept after they were created; for ever unless given.',
  example: '90d',
} as const satisfies FormKey

/** Whether a text is encrypted, and whether rows are found by it. */
export const ENCRYPTED = {
  form: {
    kind: 'either',
    of: [
      BOOLEAN,
      {
        kind: 'object',
        title: 'encrypted',
        keys: {
          equality: {
            form: BOOLEAN,
            required: true,
            description: 'Whether requests find rows by equal values. A keyed digest of each value then shows which rows have equal ones.',
            example: true,
          },
        },
      },
    ],
  },
  required: false,
  description: 'The database has the values encrypted, with the keys of ENCRYPTION_KEYS. No rule, sort or search can use them.',
  example: true,
} as const satisfies FormKey
