/** The design language, as data: integrations. */

import { CONTRACT_FILE } from './code-reference.ts'
import type { FormKey, KeyedForm, ObjectForm } from './form.ts'
import { BROKER } from './language-broker.ts'
import { DESCRIPTION } from './language-fields.ts'
import { ENVIRONMENT, NAME, PROSE, SPAN, URL_OR_VARIABLE } from './language-forms.ts'
import { EMAIL } from './language-mail.ts'
import { WEBHOOKS } from './language-webhooks.ts'

const AUTH = {
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
    tokenUrl: {
      kind: 'object',
      keys: {
        tokenUrl: {
          form: URL_OR_VARIABLE,
          required: true,
          description:
            'Where access tokens are got for the credentials of a client (OAuth 2.0): an address, or the variable that holds it.',
          example: 'https://id.example.com/oauth/token',
        },
        client: {
          form: ENVIRONMENT,
          required: true,
          description: 'The variable that holds the id of the client.',
          example: 'BILLING_CLIENT',
        },
        secret: { form: ENVIRONMENT, required: true, description: 'The variable that holds its secret.', example: 'BILLING_SECRET' },
        secretIn: {
          form: { kind: 'enum', values: ['header', 'body'] },
          required: false,
          description: 'Where id and secret are sent; header unless given.',
          example: 'body',
        },
        scope: { form: PROSE, required: false, description: 'The scopes to ask for, with blanks between them.', example: 'invoices' },
        audience: {
          form: PROSE,
          required: false,
          description: 'The audience to ask for, where the server needs one.',
          example: 'https://billing.example.com',
        },
      },
    },
    as: {
      kind: 'object',
      keys: {
        as: {
          form: { kind: 'enum', values: ['caller', 'system'] },
          required: true,
          description: 'For whom the token is that this backend signs: for the caller of the code, or for the backend itself.',
          example: 'system',
        },
        audience: {
          form: URL_OR_VARIABLE,
          required: false,
          description: 'Who accepts the token: the PUBLIC_URL of the other backend; the origin of baseUrl unless given.',
          example: 'https://billing.example.com',
        },
      },
    },
  },
} as const satisfies KeyedForm

const BREAKER = {
  form: {
    kind: 'object',
    keys: {
      failures: {
        form: { kind: 'integer', min: 1, max: 1_000 },
        required: false,
        description: 'The number of failures in a row after which calls stop; unless given, when half of at least 20 calls in 10 s failed.',
        example: 5,
      },
      pause: { form: SPAN, required: false, description: 'The time until one call tries again; 10s unless given.', example: '30s' },
    },
  },
  required: false,
  description: 'When calls to a service that fails stop.',
  example: { failures: 5, pause: '30s' },
} as const satisfies FormKey

/** The services of `integrations.http`. */
export const SERVICES = {
  form: {
    kind: 'map',
    max: 100,
    of: {
      kind: 'object',
      title: 'httpService',
      keys: {
        description: DESCRIPTION,
        baseUrl: {
          form: URL_OR_VARIABLE,
          required: true,
          description: 'The base URL of the service, or the variable that holds it.',
          example: 'https://billing.example.com/v1',
        },
        auth: {
          form: AUTH,
          required: false,
          description: 'How Plinth signs in to the service.',
          example: { bearer: 'BILLING_TOKEN' },
        },
        timeout: {
          form: SPAN,
          required: false,
          description: 'How long a call may take, with its retries; 10s unless given, 1m at most.',
          example: '5s',
        },
        retries: {
          form: { kind: 'integer', min: 0, max: 5 },
          required: false,
          description: 'How often a failed call is made again, at most; 2 unless given.',
          example: 2,
        },
        circuitBreaker: BREAKER,
        concurrency: {
          form: { kind: 'integer', min: 1, max: 1_000 },
          required: false,
          description: 'How many calls run at the same time in one process; 20 unless given.',
          example: 5,
        },
        queue: {
          form: { kind: 'integer', min: 0, max: 10_000 },
          required: false,
          description: 'How many more calls wait; 40 unless given.',
          example: 100,
        },
        answerBytes: {
          form: { kind: 'integer', min: 1, max: 50_000_000 },
          required: false,
          description: 'The most bytes of an answer; 5000000 unless given.',
          example: 100_000,
        },
        openapi: {
          form: {
            kind: 'text',
            max: 300,
            pattern: { source: CONTRACT_FILE.source, says: 'a path such as ./billing.yaml, in the folder of the design or below it' },
          },
          required: false,
          description: 'Its OpenAPI document (3.0 or 3.1, YAML or JSON): the client gets a typed function for each operation.',
          example: './billing.yaml',
        },
      },
    },
  },
  required: false,
  description: 'HTTP services by name, which code calls by ctx.services.',
  example: { billing: { baseUrl: 'https://billing.example.com/v1' } },
} as const satisfies FormKey

const BACKENDS = {
  form: {
    kind: 'map',
    max: 20,
    of: {
      kind: 'object',
      title: 'acceptedBackend',
      keys: {
        description: DESCRIPTION,
        issuer: {
          form: URL_OR_VARIABLE,
          required: true,
          description: 'The PUBLIC_URL of the other backend, or the variable that holds it.',
          example: 'ORDERS_URL',
        },
        role: {
          form: NAME,
          required: false,
          description:
            'The value of auth.role in requests that it sends for itself (auth: { as: system }); unless given, they are refused.',
          example: 'service',
        },
        accounts: {
          form: NAME,
          required: false,
          description:
            'For whom it may send requests (auth: { as: caller }): the unique field of the account that has its id at the other backend, ' +
            'or id if the ids are the same. Unless given, they are refused.',
          example: 'customerNumber',
        },
        roles: {
          form: { kind: 'list', of: NAME, min: 1, max: 50 },
          required: false,
          description: 'The roles of the accounts for whom it may send requests; any unless given.',
          example: ['customer'],
        },
      },
    },
  },
  required: false,
  description: 'Other backends of Plinth that may send requests, by name. Their tokens are checked with the keys that they publish.',
  example: { orders: { issuer: 'ORDERS_URL', role: 'service' } },
} as const satisfies FormKey

/** The integrations of a design. */
export const INTEGRATIONS = {
  kind: 'object',
  keys: {
    backends: BACKENDS,
    email: EMAIL,
    http: SERVICES,
    webhooks: WEBHOOKS,
    broker: BROKER,
  },
} as const satisfies ObjectForm
