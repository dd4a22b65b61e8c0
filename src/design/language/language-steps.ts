/** The design language, as data: the steps of an action. */

import type { FormKey, KeyedForm, ListForm, ObjectForm } from './form.ts'
import { BOOLEAN, EXPRESSION, EXPRESSION_MAX, FIELD_NAMES, NAME, SPAN, VALUE } from './language-forms.ts'

const WHEN_EACH = {
  when: {
    form: EXPRESSION,
    required: false,
    description: 'The step is left out unless this is true (CEL).',
    example: 'row.dueAt == null',
  },
  each: {
    form: {
      kind: 'text',
      max: EXPRESSION_MAX,
      pattern: { source: '^[A-Za-z][A-Za-z0-9]* +in +[^ ].*$', says: 'a name, in, and what it runs through, such as i in cart.items' },
    },
    required: false,
    description: 'The step is done once for each element of a list of the input, of a relation, or of the result of a list.',
    example: 'i in cart.items',
  },
} as const satisfies Record<string, FormKey>
const COMMON = {
  ...WHEN_EACH,
  as: { form: NAME, required: false, description: 'The name of the result.', example: 'order' },
} as const satisfies Record<string, FormKey>

/** A condition, or conditions that must all hold. */
const WHERE = {
  form: { kind: 'either', of: [EXPRESSION, { kind: 'list', of: EXPRESSION, min: 1, max: 50 }] },
  required: false,
  description: 'Only rows for which this holds (CEL with the fields of the row); of a list, all must hold.',
  example: 'owner == auth.id',
} as const satisfies FormKey
const SORT = {
  form: FIELD_NAMES,
  required: false,
  description: 'The order: fields, with - in front for descending.',
  example: ['-createdAt'],
} as const satisfies FormKey
const ELSE = {
  form: NAME,
  required: false,
  description: 'The code of the failure, declared under errors or not.',
  example: 'out_of_stock',
} as const satisfies FormKey

/** Values by name. */
export const VALUES_BY_NAME = { kind: 'map', of: VALUE, max: 250 } as const
const SET_FORM = { kind: 'either', of: [{ kind: 'enum', values: ['input'] }, VALUES_BY_NAME] } as const
const SET = {
  form: SET_FORM,
  required: false,
  description: 'The values of fields: an expression (CEL) or a constant each; or the word input for all inputs by name.',
  example: { stock: 'stock - 1' },
} as const satisfies FormKey

function verb<const E extends string>(description: string, example: E) {
  return { form: EXPRESSION, required: true, description, example } as const
}

/** The verbs of other tools, with the verb here for the same thing. */
const VERB_SYNONYMS = {
  insert: 'create',
  add: 'create',
  new: 'create',
  upsert: 'ensure',
  select: 'list',
  query: 'list',
  get: 'find',
  load: 'find',
  fetch: 'find',
  remove: 'delete',
  set: 'update',
  patch: 'update',
  change: 'update',
  check: 'require',
  assert: 'require',
  guard: 'require',
  if: 'require',
  run: 'call',
  do: 'call',
  invoke: 'call',
  publish: 'emit',
  trigger: 'emit',
  queue: 'enqueue',
  schedule: 'enqueue',
  defer: 'enqueue',
  dispatch: 'enqueue',
  login: 'signIn',
  authenticate: 'signIn',
} as const

const FIND = {
  find: verb('Takes the first row of an entity or relation; without one the action fails.', 'Cart'),
  where: WHERE,
  sort: SORT,
  optional: { form: BOOLEAN, required: false, description: 'The action continues without a row.', example: true },
  else: ELSE,
} as const satisfies Record<string, FormKey>

const LIST = {
  list: verb('Takes rows of an entity or relation.', 'row.enrolments'),
  where: WHERE,
  sort: SORT,
  limit: { form: VALUE, required: false, description: 'The most rows: a number or an expression (CEL). It is needed.', example: 20 },
  offset: { form: VALUE, required: false, description: 'Rows left out at the start.', example: 'input.offset' },
  distinct: {
    form: NAME,
    required: false,
    description: 'Takes the different values of this field in place of rows; of a list, its items. The result is a list of values.',
    example: 'tagList',
  },
} as const satisfies Record<string, FormKey>

/** The steps of an action, one object each; its verb names the case. */
export const STEPS = {
  kind: 'list',
  min: 0,
  max: 50,
  of: {
    kind: 'keyed',
    title: 'step',
    codes: { none: 'PLN-D502', several: 'PLN-D501' },
    synonyms: VERB_SYNONYMS,
    cases: {
      find: { kind: 'object', keys: { ...FIND, ...COMMON } },
      list: { kind: 'object', keys: { ...LIST, ...COMMON } },
      require: {
        kind: 'object',
        keys: { require: verb('The action continues only if this is true (CEL).', 'size(cart.items) > 0'), else: ELSE, ...WHEN_EACH },
      },
      create: { kind: 'object', keys: { create: verb('Makes a row of this entity.', 'Order'), set: SET, ...COMMON } },
      ensure: {
        kind: 'object',
        keys: {
          ensure: verb('Takes the row with these values of a unique constraint, or makes it.', 'Cart'),
          set: SET,
          existing: {
            form: VALUES_BY_NAME,
            required: false,
            description: 'The changes of an existing row.',
            example: { quantity: 'quantity + input.quantity' },
          },
          ...COMMON,
        },
      },
      update: {
        kind: 'object',
        keys: {
          update: verb('Changes a row, rows, or the rows of an entity for which where holds.', 'input.from'),
          where: WHERE,
          set: { ...SET, required: true },
          ...COMMON,
        },
      },
      delete: {
        kind: 'object',
        keys: {
          delete: verb('Deletes a row, rows, or the rows of an entity for which where holds.', 'cart.items'),
          where: WHERE,
          ...COMMON,
        },
      },
      call: {
        kind: 'object',
        keys: {
          call: verb('Runs the steps of another action here.', 'Course.promote'),
          on: { form: EXPRESSION, required: false, description: 'The row of the called action (CEL).', example: 'row.course' },
          input: {
            form: VALUES_BY_NAME,
            required: false,
            description: 'The inputs of the called action: an expression (CEL) or a constant each.',
            example: { amount: 'input.amount' },
          },
          ...WHEN_EACH,
        },
      },
      emit: {
        kind: 'object',
        keys: {
          emit: {
            form: NAME,
            required: true,
            description: 'Logs an event of its own: the entity of its row, and a name.',
            example: 'Order.confirmed',
          },
          on: { form: EXPRESSION, required: false, description: 'The row (CEL); that of the action unless given.', example: 'order' },
          ...WHEN_EACH,
        },
      },
      enqueue: {
        kind: 'object',
        keys: {
          enqueue: {
            form: NAME,
            required: true,
            description: 'Adds a job of the design. It runs after the commit, in a worker.',
            example: 'remind',
          },
          input: {
            form: VALUES_BY_NAME,
            required: false,
            description: 'The inputs of the job: an expression (CEL) or a constant each.',
            example: { ticket: 'row' },
          },
          at: { form: EXPRESSION, required: false, description: 'The moment of its first run (CEL).', example: 'row.dueAt' },
          delay: {
            form: SPAN,
            required: false,
            description: 'How long it waits before its first run, in place of the delay of the job.',
            example: '10m',
          },
          ...WHEN_EACH,
        },
      },
      signIn: {
        kind: 'object',
        keys: {
          signIn: {
            form: { kind: 'either', of: [EXPRESSION, { kind: 'map', of: VALUE, max: 2 }] },
            required: true,
            description:
              'Signs in: with inputs for the fields of login and password, or as an account that a create of this action has made. ' +
              'From here on, auth is this account.',
            example: { email: 'input.email', password: 'input.password' },
          },
          as: COMMON.as,
        },
      },
    },
  } satisfies KeyedForm & { readonly cases: Record<string, ObjectForm> },
} as const satisfies ListForm
