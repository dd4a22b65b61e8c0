/** The design language, as data: integrations. */

import type { Form, ObjectForm } from './form.ts'
import { ENVIRONMENT, NAME, PROSE, SPAN, TIMEOUT } from './language-forms.ts'
import { EMAIL } from './language-mail.ts'
import { WEBHOOKS } from './language-webhooks.ts'

const HTTP_URL = {
  kind: 'text',
  max: 2_000,
  pattern: { source: '^https?://[^\\s]+$', says: 'an http or https URL' },
} as const satisfies Form

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

/** The integrations of a design. */
export const INTEGRATIONS = {
  kind: 'object',
  keys: {
    email: EMAIL,
    http: {
      form: {
        kind: 'map',
        max: 100,
        of: {
          kind: 'object',
          title: 'httpService',
          keys: {
            baseUrl: {
              form: HTTP_URL,
              required: true,
              description: 'The base URL of the service.',
              example: 'https://billing.example.com/v1',
            },
            auth: {
              form: HTTP_AUTH,
              required: false,
              description: 'How Plinth signs in to the service.',
              example: { bearer: 'BILLING_TOKEN' },
            },
            timeout: TIMEOUT,
            retries: { form: { kind: 'integer', min: 0, max: 20 }, required: false, description: 'How often to try again.', example: 2 },
            circuitBreaker: {
              form: {
                kind: 'object',
                keys: {
                  failures: {
                    form: { kind: 'integer', min: 1, max: 1_000 },
                    required: true,
                    description: 'The number of failures in a row after which calls stop.',
                    example: 5,
                  },
                  pause: { form: SPAN, required: true, description: 'How long calls stay stopped.', example: '30s' },
                },
              },
              required: false,
              description: 'Stops calls to a service that fails.',
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
      description: 'HTTP services by name.',
      example: { billing: { baseUrl: 'https://billing.example.com/v1' } },
    },
    webhooks: WEBHOOKS,
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
