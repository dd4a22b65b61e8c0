/** The design language, as data: webhooks. */

import type { Form, FormKey } from './form.ts'
import { ENVIRONMENT, NAME, TIMEOUT } from './language-forms.ts'

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
