/** The design language, as data: hooks and events. */

import type { Form, FormKey, ListForm, ObjectForm } from './form.ts'
import { CODE, EXPRESSION, NAME, OWN_TRANSACTION, SPAN, VALUE } from './language-forms.ts'

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

const ON_DEAD = {
  form: { kind: 'enum', values: ['continue', 'hold'] },
  required: false,
  description: 'With hold, later events of the row wait for one that was given up.',
  example: 'hold',
} as const satisfies FormKey
const SENT_FIELDS = {
  form: { kind: 'list', of: NAME, min: 1, max: 250 },
  required: false,
  description: 'The fields that are sent; unless given, all fields without a read rule of their own.',
  example: ['id', 'title'],
} as const satisfies FormKey
const IDENTIFIED = {
  as: {
    form: EXPRESSION,
    required: true,
    description: 'For whom it runs: system, without the rules of the entities; or the row of an account (CEL).',
    example: 'row.author',
  },
  when: WHEN,
  onDead: ON_DEAD,
} as const satisfies Record<string, FormKey>

/** A reaction is one of five objects, distinguished by their first key. */
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
          onDead: ON_DEAD,
        },
      },
      webhook: {
        kind: 'object',
        keys: {
          webhook: { form: NAME, required: true, description: 'The webhook of integrations.webhooks to call.', example: 'crm' },
          fields: SENT_FIELDS,
          when: WHEN,
          onDead: ON_DEAD,
        },
      },
      publish: {
        kind: 'object',
        keys: {
          publish: {
            form: NAME,
            required: true,
            description: 'The subject of the broker to publish to, without its prefix; a topic of Kafka.',
            example: 'posts.created',
          },
          fields: SENT_FIELDS,
          type: {
            form: NAME,
            required: false,
            description: 'The attribute type of the message (CloudEvents); blog.Post.created unless given.',
            example: 'com.example.post.created',
          },
          when: WHEN,
          onDead: ON_DEAD,
        },
      },
      call: {
        kind: 'object',
        keys: {
          call: { form: NAME, required: true, description: 'The action to run: of the design, or Entity.action.', example: 'Post.index' },
          on: {
            form: EXPRESSION,
            required: false,
            description: 'The row of the called action (CEL); the row of the event unless given.',
            example: 'row.author',
          },
          input: {
            form: { kind: 'map', of: VALUE, max: 250 },
            required: false,
            description: 'The inputs of the called action: an expression (CEL) or a constant each.',
            example: { title: 'row.title' },
          },
          ...IDENTIFIED,
        },
      },
      run: { kind: 'object', keys: { run: RUN, transaction: OWN_TRANSACTION, ...IDENTIFIED } },
    },
  },
} as const satisfies ListForm
