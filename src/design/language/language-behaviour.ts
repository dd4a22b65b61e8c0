/** The design language, as data: logic and events. */

import type { Form, FormKey, ListForm, MapForm, ObjectForm } from './form.ts'
import { DESCRIPTION, FIELD } from './language-fields.ts'
import { EXPRESSION, NAME } from './language-forms.ts'

/** A function or the path of one. */
export const CODE = { kind: 'code' } as const satisfies Form
const RUN = {
  form: CODE,
  required: true,
  description: 'A function, or the path of one: ./actions/publish.ts#publish.',
  example: './actions/publish.ts#publish',
} as const satisfies FormKey
const WHEN = {
  form: EXPRESSION,
  required: false,
  description: 'A condition on the row (CEL).',
  example: 'published',
} as const satisfies FormKey

function hook(moment: string): { form: typeof CODE; required: false; description: string; example: string } {
  return { form: CODE, required: false, description: `Runs ${moment}, inside the transaction.`, example: './hooks/post.ts' }
}

/** The hooks of an entity. */
export const HOOKS = {
  kind: 'object',
  keys: {
    beforeCreate: hook('before a row is created'),
    afterCreate: hook('after a row is created'),
    beforeUpdate: hook('before a row is changed'),
    afterUpdate: hook('after a row is changed'),
    beforeDelete: hook('before a row is deleted'),
    afterDelete: hook('after a row is deleted'),
  },
} as const satisfies ObjectForm

const ACTION_FIELDS = { kind: 'map', of: FIELD, max: 100 } as const satisfies MapForm

/** Actions by name. */
export const ACTIONS = {
  kind: 'map',
  max: 200,
  of: {
    kind: 'object',
    title: 'action',
    keys: {
      description: DESCRIPTION,
      input: {
        form: ACTION_FIELDS,
        required: false,
        description: 'The fields that the caller sends.',
        example: { note: { type: 'text' } },
      },
      output: {
        form: ACTION_FIELDS,
        required: false,
        description: 'The fields that the caller gets.',
        example: { total: { type: 'integer' } },
      },
      allow: {
        form: EXPRESSION,
        required: false,
        description: 'Who may call it (CEL); closed to all unless given.',
        example: 'auth.id != null',
      },
      run: RUN,
    },
  },
} as const satisfies MapForm

/** A reaction is one of four objects, distinguished by their first key. */
export const REACTIONS = {
  kind: 'list',
  min: 0,
  max: 50,
  of: {
    kind: 'keyed',
    title: 'reaction',
    cases: {
      email: {
        kind: 'object',
        keys: {
          email: { form: NAME, required: true, description: 'The template to send.', example: 'welcome' },
          to: { form: EXPRESSION, required: true, description: "The receiver's address: a field of the row (CEL).", example: 'email' },
          when: WHEN,
        },
      },
      webhook: {
        kind: 'object',
        keys: {
          webhook: { form: NAME, required: true, description: 'The webhook of integrations.webhooks to call.', example: 'crm' },
          when: WHEN,
        },
      },
      publish: {
        kind: 'object',
        keys: {
          publish: { form: NAME, required: true, description: "The broker's subject to publish to.", example: 'posts.created' },
          when: WHEN,
        },
      },
      run: { kind: 'object', keys: { run: RUN, when: WHEN } },
    },
  },
} as const satisfies ListForm

/** Schedules by name. */
export const SCHEDULES = {
  kind: 'map',
  max: 200,
  of: {
    kind: 'object',
    title: 'schedule',
    keys: {
      cron: {
        form: {
          kind: 'text',
          max: 100,
          pattern: {
            source: '^[0-9*,/-]+ [0-9*,/-]+ [0-9*,/-]+ [0-9A-Za-z*,/-]+ [0-9A-Za-z*,/-]+$',
            says: 'five fields: minute, hour, day of month, month, day of week',
          },
        },
        required: true,
        description: 'Five fields: minute, hour, day of month, month, day of week.',
        example: '0 3 * * *',
      },
      timeZone: { form: NAME, required: false, description: 'An IANA zone; UTC unless given.', example: 'Europe/Berlin' },
      run: RUN,
    },
  },
} as const satisfies MapForm

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
      transitions: {
        form: {
          kind: 'map',
          max: 200,
          of: {
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
              allow: {
                form: EXPRESSION,
                required: false,
                description: 'Who may perform the transition (CEL).',
                example: 'author.id == auth.id',
              },
              guard: { form: EXPRESSION, required: false, description: 'A condition on the row (CEL).', example: 'title != ""' },
              trigger: {
                form: REACTIONS,
                required: false,
                description: 'Reactions to the transition.',
                example: [{ email: 'published', to: 'author.email' }],
              },
            },
          },
        },
        required: true,
        description: 'The transitions by name.',
        example: { publish: { from: 'draft', to: 'published' } },
      },
    },
  },
} as const satisfies MapForm
