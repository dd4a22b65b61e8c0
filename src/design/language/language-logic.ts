/** The design language, as data: actions, workflows and errors. */

import type { Form, FormKey, KeyedForm, MapForm, ObjectForm, TaggedForm } from './form.ts'
import { CODE_REDIRECT, ENDPOINT, ERROR_TEMPLATE, ERRORS_TEMPLATE, INPUT_PLACE, TEMPLATE } from './language-endpoints.ts'
import { DESCRIPTION, ITEM } from './language-fields.ts'
import { BOOLEAN, CODE, COUNT, EXACT, EXPRESSION, NAME, NUMBER, PROSE, TREE_MAX, WHOLE } from './language-forms.ts'
import { STEPS } from './language-steps.ts'

const MAY_BE_LEFT_OUT = { form: BOOLEAN, required: false, description: 'The input may be left out.', example: true } as const
const OPTIONS = { optional: MAY_BE_LEFT_OUT, description: DESCRIPTION, ...INPUT_PLACE } as const satisfies Record<string, FormKey>

function fallback<const F extends Form>(form: F, example: unknown): { form: F; required: false; description: string; example: unknown } {
  return { form, required: false, description: 'The value of an input that was left out.', example }
}

const TEXT_DEFAULT = fallback(PROSE, 'new')

/** A value of its own type. */
const INPUT_FIELD = {
  kind: 'tagged',
  tag: 'type',
  title: 'inputField',
  synonyms: ITEM.synonyms,
  cases: {
    text: { kind: 'object', keys: { ...ITEM.cases.text.keys, default: TEXT_DEFAULT, ...OPTIONS } },
    email: { kind: 'object', keys: { default: TEXT_DEFAULT, ...OPTIONS } },
    url: { kind: 'object', keys: { default: TEXT_DEFAULT, ...OPTIONS } },
    uuid: { kind: 'object', keys: { default: TEXT_DEFAULT, ...OPTIONS } },
    integer: { kind: 'object', keys: { ...ITEM.cases.integer.keys, default: fallback(WHOLE, 20), ...OPTIONS } },
    decimal: { kind: 'object', keys: { ...ITEM.cases.decimal.keys, default: fallback(EXACT, '0.00'), ...OPTIONS } },
    number: { kind: 'object', keys: { ...ITEM.cases.number.keys, default: fallback(NUMBER, 1), ...OPTIONS } },
    boolean: { kind: 'object', keys: { default: fallback(BOOLEAN, false), ...OPTIONS } },
    timestamp: { kind: 'object', keys: { ...ITEM.cases.timestamp.keys, default: TEXT_DEFAULT, ...OPTIONS } },
    date: { kind: 'object', keys: { ...ITEM.cases.date.keys, default: TEXT_DEFAULT, ...OPTIONS } },
    time: { kind: 'object', keys: { ...ITEM.cases.time.keys, default: TEXT_DEFAULT, ...OPTIONS } },
    duration: { kind: 'object', keys: { ...ITEM.cases.duration.keys, default: TEXT_DEFAULT, ...OPTIONS } },
    json: { kind: 'object', keys: OPTIONS },
    choice: { kind: 'object', keys: { ...ITEM.cases.choice.keys, default: TEXT_DEFAULT, ...OPTIONS } },
    list: {
      kind: 'object',
      keys: {
        of: { form: ITEM, required: true, description: 'What each item is.', example: { type: 'text', max: 40 } },
        min: { form: COUNT, required: false, description: 'Least number of items.', example: 1 },
        max: { form: COUNT, required: false, description: 'Most items; 100 unless given.', example: 10 },
        default: fallback({ kind: 'list', of: { kind: 'json' }, min: 0, max: 1_000 }, []),
        ...OPTIONS,
      },
    },
  },
} as const satisfies TaggedForm

const REFERENCE = {
  kind: 'object',
  title: 'reference',
  keys: {
    ref: { form: NAME, required: true, description: 'The entity of the row that the input names.', example: 'Account' },
    by: {
      form: NAME,
      required: false,
      description: 'The unique field whose value is sent; the id of the row unless given.',
      example: 'iban',
    },
    where: {
      form: EXPRESSION,
      required: false,
      description: 'A row for which this does not hold counts as missing (CEL with the fields of the row).',
      example: 'owner == auth.id',
    },
    ...OPTIONS,
  },
} as const satisfies ObjectForm

/** Inputs by name. */
export const INPUTS = {
  kind: 'map',
  max: 100,
  of: {
    kind: 'either',
    of: [NAME, { kind: 'keyed', title: 'input', cases: { ref: REFERENCE, type: INPUT_FIELD } } satisfies KeyedForm],
  },
} as const satisfies MapForm

/** The keys of an action. */
const ACTION_KEYS = {
  description: DESCRIPTION,
  as: {
    form: { kind: 'enum', values: ['caller', 'system'] },
    required: false,
    description: 'Whose rules apply to the steps: those of the caller (unless given), or with system none, so that allow alone decides.',
    example: 'system',
  },
  allow: {
    form: EXPRESSION,
    required: false,
    description: 'Who may call it (CEL); closed to all unless given.',
    example: 'auth.id != null',
  },
  input: {
    form: INPUTS,
    required: false,
    description:
      'What the caller sends, by name: Entity.field, a type such as text, each followed by ? if it may be left out, a field with its options, or a reference.',
    example: { amount: 'Transfer.amount', to: { ref: 'Account', by: 'iban' } },
  },
  steps: {
    form: STEPS,
    required: false,
    description: 'What it does, in order, in one transaction.',
    example: [{ update: 'row', set: { title: 'input.title' } }],
  },
  answer: {
    form: { kind: 'tree' },
    required: false,
    description: 'What it answers: a JSON tree whose leaves are expressions (CEL) and constants; { each, is } is a list.',
    example: { id: 'order.id' },
  },
  endpoint: ENDPOINT,
  template: TEMPLATE,
  errorTemplate: ERROR_TEMPLATE,
  signOut: {
    form: BOOLEAN,
    required: false,
    description: 'Whether the session of the caller ends with the action; false unless given.',
    example: true,
  },
  run: {
    form: CODE,
    required: false,
    description: 'Code in place of steps: a function, or the path of one.',
    example: './actions/publish.ts#publish',
  },
  output: {
    form: INPUTS,
    required: false,
    description: 'What the code of run answers, by name.',
    example: { total: 'integer' },
  },
  reads: { form: BOOLEAN, required: false, description: 'The code of run writes nothing.', example: true },
  transaction: {
    form: { kind: 'enum', values: ['own'] },
    required: false,
    description:
      'The code of run begins outside of a transaction and opens it with ctx.transaction. It may wait for other systems outside of it.',
    example: 'own',
  },
  isolation: {
    form: { kind: 'enum', values: ['serializable'] },
    required: false,
    description:
      'The isolation of its transaction; Read Committed unless given. Serializable actions have the effect of some order in which they run ' +
      'one after the other. After a conflict the action runs again, at most three times.',
    example: 'serializable',
  },
} as const satisfies Record<string, FormKey>

/** Actions by name. */
export const ACTIONS = { kind: 'map', max: 200, of: { kind: 'object', title: 'action', keys: ACTION_KEYS } } as const satisfies MapForm

const TRANSITION = {
  kind: 'object',
  title: 'transition',
  keys: {
    from: {
      form: { kind: 'either', of: [NAME, { kind: 'list', of: NAME, min: 1, max: 200 }] },
      required: true,
      description: 'The state or states before the transition.',
      example: 'draft',
    },
    to: { form: NAME, required: true, description: 'The state after the transition.', example: 'published' },
    guard: {
      form: EXPRESSION,
      required: false,
      description: 'A condition on the row (CEL), in addition to allow.',
      example: 'title != ""',
    },
    ...ACTION_KEYS,
  },
} as const satisfies ObjectForm

/** Workflows by name. */
export const WORKFLOWS = {
  kind: 'map',
  max: 100,
  of: {
    kind: 'object',
    title: 'workflow',
    keys: {
      entity: { form: NAME, required: true, description: 'The entity whose rows have the states.', example: 'Post' },
      field: { form: NAME, required: true, description: 'The choice field that holds the state.', example: 'state' },
      initial: {
        form: NAME,
        required: false,
        description: 'The state of a new row; the default of the field unless given.',
        example: 'draft',
      },
      transitions: {
        form: { kind: 'map', max: 200, of: TRANSITION },
        required: true,
        description: 'The transitions by name. Each is an action of the entity that changes the state first.',
        example: { publish: { from: 'draft', to: 'published' } },
      },
    },
  },
} as const satisfies MapForm

/** Shapes by name. */
export const SHAPES = {
  kind: 'map',
  max: 200,
  of: {
    kind: 'object',
    title: 'shape',
    keys: {
      of: { form: NAME, required: true, description: 'The entity of the row.', example: 'User' },
      description: DESCRIPTION,
      fields: {
        form: { kind: 'list', of: NAME, min: 1, max: 250 },
        required: false,
        description: 'Fields of the row, also computed ones.',
        example: ['name', 'image'],
      },
      with: {
        form: { kind: 'map', of: { kind: 'tree' }, max: TREE_MAX },
        required: false,
        description: 'Further members: a JSON tree as in an answer, in which names without a dot are fields of the row.',
        example: { author: 'Profile(author)' },
      },
    },
  },
} as const satisfies MapForm

/** The failures that the design adds, and the form of all failures. */
export const ERRORS = {
  kind: 'object',
  title: 'errors',
  keys: {
    answer: {
      form: { kind: 'tree' },
      required: false,
      description:
        'The body of every failure: a JSON tree whose leaves are expressions (CEL) over problems, status, code, title, detail, traceId, ' +
        'path and time. ' +
        'Problem Details (RFC 9457) unless given.',
      example: { errors: { each: 'p in problems', key: 'p.name', is: 'p.messages' } },
    },
    codes: {
      form: {
        kind: 'map',
        max: 500,
        of: {
          kind: 'object',
          title: 'errorCode',
          keys: {
            status: {
              form: { kind: 'integer', min: 400, max: 599 },
              required: false,
              description:
                'The HTTP status; for a code of the design 409 unless given. Faults of the server keep a status from 500 to 599.',
              example: 422,
            },
            name: {
              form: NAME,
              required: false,
              description: 'The name of its problem; what the entity is called unless given.',
              example: 'token',
            },
            message: { form: PROSE, required: false, description: 'What the client is told.', example: 'the balance is too low' },
            redirect: CODE_REDIRECT,
          },
        },
      },
      required: false,
      description:
        "Codes of failures: those that steps name under else, those of Plinth such as not_found, and a status such as '400' for all codes " +
        'that have it.',
      example: { out_of_stock: { message: 'there is not enough in stock' } },
    },
    messages: {
      form: { kind: 'map', max: 100, of: PROSE },
      required: false,
      description: 'What the client is told about a value, by the rule that it breaks. The rule empty is an empty text or null.',
      example: { required: 'is needed', empty: 'is needed' },
    },
    template: ERRORS_TEMPLATE,
    kinds: {
      form: { kind: 'map', max: 500, of: NAME },
      required: false,
      description: 'What an entity is called in errors; its name with a small first letter unless given.',
      example: { User: 'profile' },
    },
  },
} as const satisfies ObjectForm
