/** The design language, as data: one row for each field type. */

import type { Form, FormKey, ObjectForm, TaggedForm } from './form.ts'
import {
  ANY_PROSE,
  BOOLEAN,
  COUNT,
  EMPTY,
  ENCRYPTED,
  ERASE,
  ERASED,
  EXACT,
  EXPRESSION,
  FILE_KEYS,
  NAME,
  NUMBER,
  PATTERN_MAX,
  PROSE,
  UNIQUE,
  WHOLE,
  WHOSE_ROWS,
} from './language-forms.ts'
import { TYPE_SYNONYMS } from './language-synonyms.ts'

const EXPRESSION_DEFAULT = {
  kind: 'object',
  title: 'expressionDefault',
  keys: {
    expression: {
      form: EXPRESSION,
      required: true,
      description: 'A default that is computed when a row is created: CEL with auth, now(), today() and uuid().',
      example: 'auth.id',
    },
  },
} as const satisfies ObjectForm

const OPTIONAL = {
  form: BOOLEAN,
  required: false,
  description: 'May be missing (null). Fields are required unless this is true.',
  example: true,
} as const
const IMMUTABLE = { form: BOOLEAN, required: false, description: 'Can be set only when the row is created.', example: true } as const
const SET = {
  form: EXPRESSION,
  required: false,
  description: 'The server sets the field to this value (CEL with auth and now()) when a row is created. No request can send the field.',
  example: 'auth.id',
} as const
const ON = {
  form: { kind: 'enum', values: ['create', 'write'] },
  required: false,
  description: 'When set applies: once, at creation, or with write again at every change of the row; create unless given.',
  example: 'write',
} as const satisfies FormKey
const READ = {
  form: EXPRESSION,
  required: false,
  description: "Who may read the field, in addition to the entity's read rule (CEL).",
  example: 'id == auth.id',
} as const
const WRITE = {
  form: EXPRESSION,
  required: false,
  description: "Who may set the field, in addition to the entity's create and update rules (CEL).",
  example: 'auth.role == "admin"',
} as const
/** The former name of a part. */
export const WAS = {
  form: NAME,
  required: false,
  description: 'The former name. The stored data is kept under the new name.',
  example: 'headline',
} as const
const PRIVATE = {
  form: BOOLEAN,
  required: false,
  description: 'Personal data: redacted in logs and reports, and part of the export and the erasure of a person.',
  example: true,
} as const
/** A description for the API documents. */
export const DESCRIPTION = {
  form: PROSE,
  required: false,
  description: 'A description for the API documents.',
  example: 'Shown in lists.',
} as const

/** The options of every field that can be written. */
const WRITABLE = { optional: OPTIONAL, immutable: IMMUTABLE, write: WRITE, was: WAS, private: PRIVATE, description: DESCRIPTION } as const
/** The options of every stored field that has a value to show. */
const SHOWN = { ...WRITABLE, set: SET, on: ON, read: READ, erased: ERASED } as const
/** The options of every stored field whose values can be compared. */
const COMMON = { ...SHOWN, unique: UNIQUE } as const

function bound<const F extends Form>(
  form: F,
  which: string,
  example: unknown,
): { form: F; required: false; description: string; example: unknown } {
  return { form, required: false, description: which, example }
}

function fallback<const F extends Form>(
  form: F,
  example: unknown,
): { form: { kind: 'either'; of: readonly [F, typeof EXPRESSION_DEFAULT] }; required: false; description: string; example: unknown } {
  return {
    form: { kind: 'either', of: [form, EXPRESSION_DEFAULT] },
    required: false,
    description: 'The value of a row that is created without one, or { expression: … } to compute it.',
    example,
  }
}

const LEAST_CHARS = bound(COUNT, 'Least number of characters (code points).', 2)
const PATTERN = {
  form: { kind: 'text', max: PATTERN_MAX },
  required: false,
  description: 'A regular expression that the text must match (ECMAScript, u flag).',
  example: '^[a-z0-9-]+$',
} as const satisfies FormKey
const TEXT_LIMITS = {
  min: LEAST_CHARS,
  max: bound(COUNT, 'Most characters (code points); 10000 unless given.', 200),
  pattern: PATTERN,
} as const
const INTEGER_LIMITS = { min: bound(WHOLE, 'Least value.', 0), max: bound(WHOLE, 'Greatest value.', 100) } as const
const DECIMAL_SIZE = {
  precision: {
    form: { kind: 'integer', min: 1, max: 1000 },
    required: true,
    description: 'Digits in all, before and after the point.',
    example: 10,
  },
  scale: { form: { kind: 'integer', min: 0, max: 1000 }, required: true, description: 'Digits after the point.', example: 2 },
} as const satisfies Record<string, FormKey>
const DECIMAL_LIMITS = {
  min: bound(EXACT, 'Least value, exact as text.', '0.01'),
  max: bound(EXACT, 'Greatest value, exact as text.', '9999.99'),
} as const
const NUMBER_LIMITS = { min: bound(NUMBER, 'Least value.', 0), max: bound(NUMBER, 'Greatest value.', 1) } as const
const MOMENTS = {
  min: bound(NAME, 'Earliest moment (RFC 3339).', '2020-01-01T00:00:00Z'),
  max: bound(NAME, 'Latest moment (RFC 3339).', '2100-01-01T00:00:00Z'),
} as const
const DAYS = { min: bound(NAME, 'First day.', '2020-01-01'), max: bound(NAME, 'Last day.', '2099-12-31') } as const
const TIMES = { min: bound(NAME, 'Earliest time of day.', '08:00'), max: bound(NAME, 'Latest time of day.', '18:00') } as const
const LENGTHS = { min: bound(NAME, 'Shortest (ISO 8601).', 'PT5M'), max: bound(NAME, 'Longest (ISO 8601).', 'P1D') } as const
const VALUES = {
  values: {
    form: { kind: 'list', of: NAME, min: 1, max: 200 },
    required: true,
    description: 'The texts to choose from.',
    example: ['draft', 'published'],
  },
} as const satisfies Record<string, FormKey>

/** What one item of a list may be. */
export const ITEM = {
  kind: 'tagged',
  tag: 'type',
  title: 'item',
  synonyms: TYPE_SYNONYMS,
  cases: {
    text: { kind: 'object', keys: TEXT_LIMITS },
    email: { kind: 'object', keys: {} },
    url: { kind: 'object', keys: {} },
    uuid: { kind: 'object', keys: {} },
    integer: { kind: 'object', keys: INTEGER_LIMITS },
    decimal: { kind: 'object', keys: { ...DECIMAL_SIZE, ...DECIMAL_LIMITS } },
    number: { kind: 'object', keys: NUMBER_LIMITS },
    boolean: { kind: 'object', keys: {} },
    timestamp: { kind: 'object', keys: MOMENTS },
    date: { kind: 'object', keys: DAYS },
    time: { kind: 'object', keys: TIMES },
    duration: { kind: 'object', keys: LENGTHS },
    choice: { kind: 'object', keys: VALUES },
  },
} as const satisfies TaggedForm

/** A field of an entity. */
export const FIELD = {
  kind: 'tagged',
  tag: 'type',
  title: 'field',
  synonyms: TYPE_SYNONYMS,
  cases: {
    text: {
      kind: 'object',
      keys: { ...TEXT_LIMITS, empty: EMPTY, encrypted: ENCRYPTED, default: fallback(ANY_PROSE, 'untitled'), ...COMMON },
    },
    email: { kind: 'object', keys: { default: fallback(PROSE, 'nobody@example.com'), ...COMMON } },
    url: { kind: 'object', keys: { default: fallback(PROSE, 'https://example.com/'), ...COMMON } },
    uuid: { kind: 'object', keys: { default: fallback(PROSE, '0198c0de-0000-7000-8000-000000000000'), ...COMMON } },
    integer: { kind: 'object', keys: { ...INTEGER_LIMITS, default: fallback(WHOLE, 0), ...COMMON } },
    decimal: { kind: 'object', keys: { ...DECIMAL_SIZE, ...DECIMAL_LIMITS, default: fallback(EXACT, '0.00'), ...COMMON } },
    number: { kind: 'object', keys: { ...NUMBER_LIMITS, default: fallback(NUMBER, 0), ...COMMON } },
    boolean: { kind: 'object', keys: { default: fallback(BOOLEAN, false), ...COMMON } },
    timestamp: { kind: 'object', keys: { ...MOMENTS, default: fallback(PROSE, 'now()'), ...COMMON } },
    date: { kind: 'object', keys: { ...DAYS, default: fallback(PROSE, '2020-01-01'), ...COMMON } },
    time: { kind: 'object', keys: { ...TIMES, default: fallback(PROSE, '09:00'), ...COMMON } },
    duration: { kind: 'object', keys: { ...LENGTHS, default: fallback(PROSE, 'PT1H'), ...COMMON } },
    json: {
      kind: 'object',
      keys: {
        default: {
          form: { kind: 'json' },
          required: false,
          description: 'Any JSON value; { expression: … } is an expression.',
          example: {},
        },
        ...SHOWN,
      },
    },
    choice: { kind: 'object', keys: { ...VALUES, default: fallback(PROSE, 'draft'), ...COMMON } },
    list: {
      kind: 'object',
      keys: {
        of: { form: ITEM, required: true, description: 'What each item is.', example: { type: 'text', max: 40 } },
        min: bound(COUNT, 'Least number of items.', 1),
        max: bound(COUNT, 'Most items; 100 unless given.', 10),
        default: fallback({ kind: 'list', of: { kind: 'json' }, min: 0, max: 1_000 }, []),
        ...SHOWN,
      },
    },
    password: {
      kind: 'object',
      keys: {
        min: bound(COUNT, 'Least number of characters (code points); 15 unless given.', 15),
        max: bound(COUNT, 'Most characters (code points); 256 unless given.', 256),
        pattern: PATTERN,
        ...WRITABLE,
      },
    },
    ref: {
      kind: 'object',
      keys: {
        entity: { form: NAME, required: true, description: 'The entity that it refers to.', example: 'User' },
        inverse: { form: NAME, required: false, description: 'The to-many relation that the other entity gets.', example: 'posts' },
        onDelete: {
          form: { kind: 'enum', values: ['restrict', 'cascade', 'setNull'] },
          required: false,
          description: 'What happens to this row when the other is deleted; restrict (the other cannot be deleted) unless given.',
          example: 'cascade',
        },
        acyclic: {
          form: BOOLEAN,
          required: false,
          description: 'For a reference to the entity itself: no row may become its own ancestor.',
          example: true,
        },
        default: {
          form: { kind: 'either', of: [EXPRESSION, EXPRESSION_DEFAULT] },
          required: false,
          description: 'An expression that gives an id.',
          example: 'auth.id',
        },
        erase: ERASE,
        ...COMMON,
      },
    },
    sequence: {
      kind: 'object',
      keys: {
        within: { form: NAME, required: false, description: 'The rows of each value of this field are numbered apart.', example: 'org' },
        read: READ,
        was: WAS,
        private: PRIVATE,
        description: DESCRIPTION,
      },
    },
    token: { kind: 'object', keys: { was: WAS, description: DESCRIPTION } },
    file: { kind: 'object', keys: { ...FILE_KEYS, ...WRITABLE, read: READ } },
    computed: {
      kind: 'object',
      keys: {
        expression: {
          form: EXPRESSION,
          required: true,
          description: "CEL with the row's fields, relations and the caller; of its own fields alone it is stored.",
          example: 'price * quantity',
        },
        as: WHOSE_ROWS,
        read: READ,
        private: PRIVATE,
        description: DESCRIPTION,
      },
    },
  },
} as const satisfies TaggedForm
