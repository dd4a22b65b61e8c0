/** The facts of the design language about logic, events and integrations. */

import type { Form, Key, ListForm, MapForm, ObjectForm } from './form.ts'
import { DESCRIPTION, EXPRESSION, FIELD, NAME, PROSE } from './language-fields.ts'

const CODE = { kind: 'code' } as const satisfies Form
const SPAN = { kind: 'span' } as const satisfies Form
const ENVIRONMENT = {
  kind: 'text',
  max: 100,
  pattern: {
    source: '^[A-Z][A-Z0-9_]*$',
    says: 'the name of an environment variable, such as BILLING_TOKEN; a secret itself has no place in a design',
    secret: true,
  },
} as const satisfies Form
const HTTP_URL = {
  kind: 'text',
  max: 2_000,
  pattern: { source: '^https?://[^\\s]+$', says: 'an http or https URL' },
} as const satisfies Form

const RUN = {
  form: CODE,
  required: true,
  description: 'A function, or the path of one: ./actions/publish.ts#publish.',
  example: './actions/publish.ts#publish',
} as const satisfies Key
const WHEN = {
  form: EXPRESSION,
  required: false,
  description: 'A condition on the row (CEL).',
  example: 'published',
} as const satisfies Key

function hook(moment: string): { form: typeof CODE; required: false; description: string; example: string } {
  return { form: CODE, required: false, description: `Runs ${moment}, inside the transaction.`, example: './hooks/post.ts' }
}

export const HOOKS = {
  kind: 'object',
  keys: {
    beforeCreate: hook('before a row is made'),
    afterCreate: hook('after a row is made'),
    beforeUpdate: hook('before a row is changed'),
    afterUpdate: hook('after a row is changed'),
    beforeDelete: hook('before a row is deleted'),
    afterDelete: hook('after a row is deleted'),
  },
} as const satisfies ObjectForm

const ACTION_FIELDS = { kind: 'map', of: FIELD, max: 100 } as const satisfies MapForm

export const ACTIONS = {
  kind: 'map',
  max: 200,
  of: {
    kind: 'object',
    title: 'action',
    keys: {
      description: DESCRIPTION,
      input: { form: ACTION_FIELDS, required: false, description: 'What the caller sends.', example: { note: { type: 'text' } } },
      output: { form: ACTION_FIELDS, required: false, description: 'What the caller gets.', example: { total: { type: 'integer' } } },
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

/** A reaction is one of four objects; the key that names what it does says which. */
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

export const WORKFLOWS = {
  kind: 'map',
  max: 100,
  of: {
    kind: 'object',
    title: 'workflow',
    keys: {
      entity: { form: NAME, required: true, description: 'The entity whose rows move through it.', example: 'Post' },
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
                description: 'The state, or states, that it leaves.',
                example: 'draft',
              },
              to: { form: NAME, required: true, description: 'The state that it reaches.', example: 'published' },
              allow: { form: EXPRESSION, required: false, description: 'Who may take it (CEL).', example: 'author.id == auth.id' },
              guard: { form: EXPRESSION, required: false, description: 'What must hold of the row (CEL).', example: 'title != ""' },
              trigger: {
                form: REACTIONS,
                required: false,
                description: 'What follows.',
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

const HTTP_AUTH = {
  kind: 'keyed',
  cases: {
    bearer: {
      kind: 'object',
      keys: { bearer: { form: ENVIRONMENT, required: true, description: 'The variable that holds the token.', example: 'BILLING_TOKEN' } },
    },
    user: {
      kind: 'object',
      keys: {
        user: { form: ENVIRONMENT, required: true, description: 'The variable that holds the user.', example: 'BILLING_USER' },
        password: { form: ENVIRONMENT, required: true, description: 'The variable that holds the password.', example: 'BILLING_PASSWORD' },
      },
    },
    header: {
      kind: 'object',
      keys: {
        header: { form: NAME, required: true, description: 'The name of the header.', example: 'X-Api-Key' },
        value: { form: ENVIRONMENT, required: true, description: 'The variable that holds its value.', example: 'BILLING_KEY' },
      },
    },
  },
} as const satisfies Form

const TIMEOUT = { form: SPAN, required: false, description: 'How long to wait for an answer.', example: '5s' } as const satisfies Key

export const INTEGRATIONS = {
  kind: 'object',
  keys: {
    email: {
      form: {
        kind: 'object',
        keys: {
          from: { form: NAME, required: true, description: 'The sender.', example: 'Blog <no-reply@example.com>' },
          templates: { form: NAME, required: false, description: 'The folder of templates.', example: 'emails' },
        },
      },
      required: false,
      description: 'Email by SMTP; server and password come from the environment.',
      example: { from: 'Blog <no-reply@example.com>' },
    },
    http: {
      form: {
        kind: 'map',
        max: 100,
        of: {
          kind: 'object',
          title: 'httpService',
          keys: {
            baseUrl: { form: HTTP_URL, required: true, description: 'Where it is.', example: 'https://billing.example.com/v1' },
            auth: { form: HTTP_AUTH, required: false, description: 'How to sign in there.', example: { bearer: 'BILLING_TOKEN' } },
            timeout: TIMEOUT,
            retries: { form: { kind: 'integer', min: 0, max: 20 }, required: false, description: 'How often to try again.', example: 2 },
            circuitBreaker: {
              form: {
                kind: 'object',
                keys: {
                  failures: {
                    form: { kind: 'integer', min: 1, max: 1_000 },
                    required: true,
                    description: 'Failures in a row that open it.',
                    example: 5,
                  },
                  pause: { form: SPAN, required: true, description: 'How long it stays open.', example: '30s' },
                },
              },
              required: false,
              description: 'Stops calling a service that fails.',
              example: { failures: 5, pause: '30s' },
            },
            openapi: {
              form: PROSE,
              required: false,
              description: 'Path or URL of its OpenAPI document.',
              example: './billing.openapi.json',
            },
          },
        },
      },
      required: false,
      description: 'Third-party and sibling services by name.',
      example: { billing: { baseUrl: 'https://billing.example.com/v1' } },
    },
    webhooks: {
      form: {
        kind: 'map',
        max: 100,
        of: {
          kind: 'object',
          title: 'webhook',
          keys: {
            url: { form: HTTP_URL, required: true, description: 'Where to send.', example: 'https://crm.example.com/hooks' },
            secret: {
              form: ENVIRONMENT,
              required: true,
              description: 'The variable that holds the signing secret.',
              example: 'CRM_SECRET',
            },
            timeout: TIMEOUT,
          },
        },
      },
      required: false,
      description: 'Outgoing webhooks by name, signed per Standard Webhooks.',
      example: { crm: { url: 'https://crm.example.com/hooks', secret: 'CRM_SECRET' } },
    },
    broker: {
      form: {
        kind: 'object',
        keys: {
          nats: { form: ENVIRONMENT, required: true, description: "The variable that holds the server's URL.", example: 'NATS_URL' },
          prefix: { form: NAME, required: false, description: 'The prefix of every subject.', example: 'blog' },
        },
      },
      required: false,
      description: 'CloudEvents to NATS JetStream.',
      example: { nats: 'NATS_URL' },
    },
  },
} as const satisfies ObjectForm

export { CODE, SPAN }
