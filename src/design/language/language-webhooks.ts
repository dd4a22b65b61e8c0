/** The design language, as data: webhooks. */

import type { Form, FormKey } from './form.ts'
import { ENVIRONMENT, NAME, SPAN, TIMEOUT } from './language-forms.ts'

const TARGET = {
  kind: 'text',
  max: 2_000,
  pattern: { source: '^(?:https?://[^\\s]+|[A-Z][A-Z0-9_]*)$', says: 'an http or https URL, or the name of an environment variable' },
} as const satisfies Form

const WAIT = { ...TIMEOUT, description: 'How long to wait for an answer: 10s unless given, 15s at most.', example: '10s' } as const

const FIXED = {
  kind: 'object',
  keys: {
    url: {
      form: TARGET,
      required: true,
      description: 'The URL to send to, or the variable that holds it.',
      example: 'https://crm.example.com/hooks',
    },
    secret: {
      form: ENVIRONMENT,
      required: true,
      description: 'The variable that holds the signing secret, whsec_…; during a rotation both, with a space between them.',
      example: 'CRM_SECRET',
    },
    timeout: WAIT,
  },
} as const satisfies Form

const SUBSCRIBED = {
  kind: 'object',
  keys: {
    subscriptions: {
      form: NAME,
      required: true,
      description: 'The entity whose rows are receivers, with the fields url, secret, events and active.',
      example: 'Hook',
    },
    account: {
      form: NAME,
      required: true,
      description: 'Its reference to the account to which a subscription belongs, and whose rights decide what is sent.',
      example: 'owner',
    },
    timeout: WAIT,
  },
} as const satisfies Form

/** The outgoing webhooks of a design. */
export const WEBHOOKS = {
  form: { kind: 'map', max: 100, of: { kind: 'keyed', title: 'webhook', cases: { url: FIXED, subscriptions: SUBSCRIBED } } },
  required: false,
  description: 'Outgoing webhooks by name, signed per Standard Webhooks.',
  example: { crm: { url: 'https://crm.example.com/hooks', secret: 'CRM_SECRET' } },
} as const satisfies FormKey

const HEADER_VALUE = {
  kind: 'text',
  max: 150,
  pattern: {
    source: '^[A-Za-z][A-Za-z0-9-]*([.][A-Za-z0-9_]+)?$',
    says: 'the name of a header, such as X-Signature, or with that of a pair in it: Stripe-Signature.v1',
  },
} as const

const MESSAGE_ID = {
  kind: 'text',
  max: 150,
  pattern: {
    source: '^(body([.][A-Za-z_][A-Za-z0-9_]*)*|[A-Za-z][A-Za-z0-9-]*)$',
    says: 'body, a member of it such as body.id, or the name of a header',
  },
} as const

/** The signature of requests to the address of an action. */
export const SIGNED = {
  form: {
    kind: 'object',
    title: 'signed',
    keys: {
      secret: {
        form: ENVIRONMENT,
        required: true,
        description: 'The variable that holds the secret of the sender; during a rotation both, with a space between them.',
        example: 'PAYMENTS_SECRET',
      },
      tolerance: {
        form: SPAN,
        required: false,
        description: 'How far the time of a message may be from now: 5m unless given, 1h at most.',
        example: '5m',
      },
      header: {
        form: HEADER_VALUE,
        required: false,
        description:
          'The header with an HMAC, or a pair in it: Stripe-Signature.v1. Without it, messages are signed per Standard Webhooks.',
        example: 'X-Hub-Signature-256',
      },
      algorithm: {
        form: { kind: 'enum', values: ['sha256', 'sha512'] },
        required: false,
        description: 'The hash of the HMAC; sha256 unless given.',
        example: 'sha512',
      },
      encoding: {
        form: { kind: 'enum', values: ['hex', 'base64'] },
        required: false,
        description: 'How the HMAC is written; hex unless given.',
        example: 'base64',
      },
      prefix: {
        form: { kind: 'text', max: 50, pattern: { source: '^[!-~]+$', says: 'visible characters of ASCII' } },
        required: false,
        description: 'What stands before the HMAC in its header.',
        example: 'sha256=',
      },
      id: {
        form: MESSAGE_ID,
        required: false,
        description:
          'What tells whether messages are the same: body (unless given), a member of it such as body.id, or a header, which should be signed.',
        example: 'body.id',
      },
      timestamp: {
        form: HEADER_VALUE,
        required: false,
        description: 'The header, or the pair in it, with the time of a message, in seconds since 1970.',
        example: 'X-Slack-Request-Timestamp',
      },
      content: {
        form: { kind: 'text', max: 100 },
        required: false,
        description: 'What is signed: {body} unless given, or with timestamp {timestamp}.{body}; {id} is the value of the header id.',
        example: 'v0:{timestamp}:{body}',
      },
    },
  },
  required: false,
  description: 'Only requests with a signature of another system are accepted, each message once.',
  example: { secret: 'PAYMENTS_SECRET' },
} as const satisfies FormKey
