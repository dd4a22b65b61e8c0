/** The design language, as data: hooks, events and schedules. */

import type { Form, FormKey, ListForm, MapForm, ObjectForm } from './form.ts'
import { CODE } from './language-code.ts'
import { EXPRESSION, NAME, SPAN } from './language-forms.ts'

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

/** A hook with its options. */
const HOOK_OPTIONS = {
  kind: 'object',
  title: 'hook',
  keys: {
    run: RUN,
    as: {
      form: { kind: 'enum', values: ['caller', 'system'] },
      required: false,
      description: 'With system, the code may also use db.system, to which no access rules apply.',
      example: 'system',
    },
    within: {
      form: SPAN,
      required: false,
      description: 'How long the code may take; 3s unless given, 10s at most.',
      example: '500ms',
    },
  },
} as const satisfies ObjectForm

const HOOK = { kind: 'either', of: [CODE, HOOK_OPTIONS] } as const satisfies Form

function hook(moment: string): { form: typeof HOOK; required: false; description: string; example: string } {
  return { form: HOOK, required: false, description: `Runs ${moment}, inside the transaction.`, example: './hooks/post.ts' }
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
      run: { ...RUN, required: false },
      call: { form: NAME, required: false, description: 'The action of the design to run, in place of code.', example: 'overdue' },
    },
  },
} as const satisfies MapForm
