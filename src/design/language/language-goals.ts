/** The design language, as data: what the backend is for: its targets and requirements. */

import type { Form, FormKey, KeyedForm, MapForm, ObjectForm } from './form.ts'
import { EXPRESSION, NAME, PROSE, SPAN } from './language-forms.ts'

/** The performance goals of a backend. */
export const TARGETS = {
  kind: 'object',
  keys: {
    rows: {
      form: { kind: 'map', of: { kind: 'integer', min: 0, max: 1_000_000_000_000 }, max: 500 },
      required: false,
      description: 'The expected number of rows of each entity.',
      example: { Post: 1_000_000 },
    },
    p99: { form: SPAN, required: false, description: 'The time within which 99 of 100 requests are answered.', example: '50ms' },
    throughput: { form: { kind: 'number' }, required: false, description: 'Requests per second.', example: 500 },
  },
} as const satisfies ObjectForm

/** What a requirement may say in place of parts. */
export const REQUIREMENT_WORDS = ['open', 'refused', 'given', 'outside'] as const

const QUESTION = {
  form: {
    kind: 'object',
    title: 'question',
    keys: {
      ask: { form: PROSE, required: true, description: 'The question, in one sentence.', example: 'May doctors read notes of others?' },
      options: {
        form: { kind: 'list', of: NAME, min: 2, max: 5 },
        required: true,
        description: 'Two to five answers. The first should be the one that allows least.',
        example: ['only the author', 'all doctors'],
      },
      taken: {
        form: { kind: 'integer', min: 1, max: 5 },
        required: false,
        description: 'The number of the answer that holds until somebody answers; 1 unless given.',
        example: 1,
      },
    },
  },
  required: false,
  description: 'A question for the people who asked for it. The hand-over lists it with the answer that was taken.',
  example: { ask: 'May doctors read notes of others?', options: ['only the author', 'all doctors'] },
} as const satisfies FormKey

/** Requirements by id. */
export const REQUIREMENTS = {
  kind: 'map',
  max: 1_000,
  of: {
    kind: 'object',
    title: 'requirement',
    keys: {
      text: {
        form: PROSE,
        required: true,
        description: 'What was asked for, in the words of the document.',
        example: 'A patient may cancel until 24 hours before.',
      },
      source: {
        form: {
          kind: 'text',
          max: 300,
          pattern: { source: '^[^:\\s][^:]*(?::[1-9][0-9]{0,6})?$', says: 'a document and a line, such as architecture.md:12' },
        },
        required: false,
        description: 'The document and the line in which it stands.',
        example: 'architecture.md:12',
      },
      by: {
        form: { kind: 'either', of: [NAME, { kind: 'list', of: NAME, min: 1, max: 50 }] },
        required: false,
        description:
          'What meets it: parts of the design (Visit.access.delete, workflows.visiting, targets.p99) or tests ' +
          '(test/visits.test.ts#a name); or one of the words open, refused, given (every backend of Plinth does it) and outside (no ' +
          'backend could do it).',
        example: 'Visit.access.delete',
      },
      because: {
        form: PROSE,
        required: false,
        description: 'Why it is refused, given or outside.',
        example: 'only hashes of passwords are stored',
      },
      offer: {
        form: PROSE,
        required: false,
        description: 'What there is in place of what is refused.',
        example: 'a link to set a new password',
      },
      assumed: {
        form: PROSE,
        required: false,
        description: 'What was assumed to meet it. The hand-over lists it.',
        example: 'notes are written once the visit is done',
      },
      question: QUESTION,
    },
  },
} as const satisfies MapForm

const ROW_NAME = {
  kind: 'text',
  max: 60,
  pattern: { source: '^[A-Za-z][A-Za-z0-9_-]*$', says: 'a name such as ada or lateVisit' },
} as const satisfies Form
const ROW_NAMES = { kind: 'list', of: ROW_NAME, min: 0, max: 100 } as const satisfies Form
const VALUES = { kind: 'map', of: { kind: 'json' }, max: 250 } as const satisfies MapForm

const SET = {
  form: VALUES,
  required: false,
  description: 'The values that are sent. A reference is the name of a row; a time may be now() + duration("2h").',
  example: { doctor: 'ada', startsAt: 'now() + duration("2h")' },
} as const satisfies FormKey

const EXPECT = {
  form: {
    kind: 'either',
    of: [
      { kind: 'integer', min: 200, max: 599 },
      ROW_NAMES,
      {
        kind: 'object',
        title: 'scenarioExpectation',
        keys: {
          status: { form: { kind: 'integer', min: 200, max: 599 }, required: false, description: 'The status.', example: 409 },
          code: { form: NAME, required: false, description: 'The code of the refusal.', example: 'already_taken' },
          answer: {
            form: { kind: 'json' },
            required: false,
            description: 'A part of the answer. Names of rows stand for their ids.',
            example: { state: 'done' },
          },
          finds: {
            form: ROW_NAMES,
            required: false,
            description: 'The named rows that the list has. It may have no other named one.',
            example: ['ada'],
          },
          leaves: {
            form: { kind: 'map', of: { kind: 'either', of: [VALUES, { kind: 'null' }] }, max: 100 },
            required: false,
            description: 'Rows afterwards, by name, with the values that matter; null for a row that is gone.',
            example: { visit: { state: 'done' }, old: null },
          },
        },
      },
    ],
  },
  required: true,
  description: 'What must be answered: a status, the names of the rows of a list, or status, code, answer, finds and leaves.',
  example: 204,
} as const satisfies FormKey

const CALLER = {
  as: { form: ROW_NAME, required: true, description: 'The name of the account that sends it, or anonymous.', example: 'ada' },
  through: {
    form: { kind: 'enum', values: ['rest', 'graphql'] },
    required: false,
    description: 'The interface; rest unless given.',
    example: 'graphql',
  },
  expect: EXPECT,
} as const satisfies Record<string, FormKey>

const NAMED_ROW = { form: ROW_NAME, required: true, description: 'The name of a row.', example: 'visit' } as const satisfies FormKey

const CALL = {
  kind: 'keyed',
  title: 'scenarioCall',
  cases: {
    get: { kind: 'object', keys: { get: NAMED_ROW, ...CALLER } },
    list: {
      kind: 'object',
      keys: {
        list: { form: NAME, required: true, description: 'An entity.', example: 'Visit' },
        where: { form: EXPRESSION, required: false, description: 'A filter (CEL).', example: 'state == "booked"' },
        ...CALLER,
      },
    },
    create: {
      kind: 'object',
      keys: {
        create: { form: NAME, required: true, description: 'An entity.', example: 'Visit' },
        set: SET,
        named: { form: ROW_NAME, required: false, description: 'A name for the new row, for later calls.', example: 'second' },
        ...CALLER,
      },
    },
    update: { kind: 'object', keys: { update: NAMED_ROW, set: { ...SET, required: true }, ...CALLER } },
    delete: { kind: 'object', keys: { delete: NAMED_ROW, ...CALLER } },
    call: {
      kind: 'object',
      keys: {
        call: { form: NAME, required: true, description: 'An action: Visit.finish, or tidy.', example: 'Visit.finish' },
        on: { ...NAMED_ROW, required: false, description: 'The name of the row, for an action of an entity.' },
        input: { ...SET, description: 'The inputs. A reference is the name of a row.' },
        ...CALLER,
      },
    },
  },
} as const satisfies KeyedForm

/** Scenarios by name. */
export const SCENARIOS = {
  kind: 'map',
  max: 500,
  of: {
    kind: 'object',
    title: 'scenario',
    keys: {
      text: {
        form: PROSE,
        required: false,
        description: 'What it shows, in a sentence. With it alone, the scenario is not written as data yet.',
        example: 'A patient may not cancel two hours before.',
      },
      rows: {
        form: { kind: 'map', of: { kind: 'map', of: VALUES, max: 100 }, max: 100 },
        required: false,
        description: 'The rows before: by entity, then by a name of their own, with the values that matter. Verify makes the others.',
        example: { Visit: { visit: { patient: 'pat' } } },
      },
      calls: {
        form: { kind: 'list', of: CALL, min: 1, max: 100 },
        required: false,
        description: 'The requests in their order, each with its caller and what must come of it.',
        example: [{ as: 'pat', delete: 'visit', expect: 403 }],
      },
      events: {
        form: { kind: 'map', of: ROW_NAMES, max: 100 },
        required: false,
        description: 'The events that the calls must log, each with the names of its rows.',
        example: { 'Visit.deleted': ['visit'] },
      },
    },
  },
} as const satisfies MapForm
