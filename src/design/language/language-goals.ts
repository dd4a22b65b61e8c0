/** The design language, as data: what the backend is for: its targets and requirements. */

import type { FormKey, MapForm, ObjectForm } from './form.ts'
import { NAME, PROSE, SPAN } from './language-forms.ts'

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
