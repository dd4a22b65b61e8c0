/** The design language, as data: the message broker. */

import type { FormKey, KeyedForm, ObjectForm } from './form.ts'
import { DESCRIPTION } from './language-fields.ts'
import { ENVIRONMENT, NAME, PROSE, SPAN } from './language-forms.ts'

const SUBSCRIBE = {
  form: {
    kind: 'map',
    max: 100,
    of: {
      kind: 'object',
      title: 'subscription',
      keys: {
        description: DESCRIPTION,
        subject: {
          form: NAME,
          required: true,
          description: 'The subject, with * for one name and > for the rest; a topic of Kafka. The prefix is not added.',
          example: 'payments.settled',
        },
        type: {
          form: NAME,
          required: false,
          description: 'Only messages of this type (CloudEvents); all unless given.',
          example: 'com.example.payment.settled',
        },
        source: { form: PROSE, required: false, description: 'Only messages of this source; all unless given.', example: '/payments' },
        job: { form: NAME, required: true, description: 'The job that a message becomes.', example: 'settle' },
        input: {
          form: { kind: 'map', of: NAME, max: 250 },
          required: false,
          description:
            'Where the inputs of the job stand in a message: id, source, type, subject, time, or a member of the data. An input that is not ' +
            'named here is the member of the data with its name.',
          example: { order: 'data.order.id' },
        },
        start: {
          form: { kind: 'enum', values: ['new', 'all'] },
          required: false,
          description: 'Where a new subscription begins: with messages from then on (unless given), or with the oldest one of the broker.',
          example: 'all',
        },
      },
    },
  },
  required: false,
  description: 'Messages of other systems that become jobs, by name.',
  example: { settled: { subject: 'payments.settled', job: 'settle' } },
} as const satisfies FormKey

const SASL = {
  kind: 'object',
  keys: {
    user: { form: ENVIRONMENT, required: true, description: 'The variable that holds the user.', example: 'BROKER_USER' },
    password: { form: ENVIRONMENT, required: true, description: 'The variable that holds the password.', example: 'BROKER_PASSWORD' },
  },
} as const satisfies ObjectForm

const COMMON_BROKER = {
  tls: {
    form: { kind: 'enum', values: ['required', 'preferred'] },
    required: false,
    description: 'Whether connections without TLS are refused in production; required unless given.',
    example: 'preferred',
  },
  ca: {
    form: ENVIRONMENT,
    required: false,
    description: 'The variable that holds the certificates of authorities, in PEM; those of the system unless given.',
    example: 'BROKER_CA',
  },
  prefix: { form: NAME, required: false, description: 'What stands before each published subject, with a dot.', example: 'blog' },
  source: {
    form: PROSE,
    required: false,
    description: 'The attribute source of published messages; a slash and the name of the design unless given.',
    example: '/shops/berlin',
  },
  subscribe: SUBSCRIBE,
} as const satisfies Record<string, FormKey>

const NATS_AUTH = {
  kind: 'keyed',
  cases: {
    creds: {
      kind: 'object',
      keys: {
        creds: {
          form: ENVIRONMENT,
          required: true,
          description: 'The variable that holds the content of a file of credentials.',
          example: 'NATS_CREDS',
        },
      },
    },
    user: SASL,
    token: {
      kind: 'object',
      keys: { token: { form: ENVIRONMENT, required: true, description: 'The variable that holds the token.', example: 'NATS_TOKEN' } },
    },
    certificate: {
      kind: 'object',
      keys: {
        certificate: {
          form: ENVIRONMENT,
          required: true,
          description: 'The variable that holds a certificate, in PEM.',
          example: 'NATS_CERT',
        },
        key: { form: ENVIRONMENT, required: true, description: 'The variable that holds its key, in PEM.', example: 'NATS_KEY' },
      },
    },
  },
} as const satisfies KeyedForm

const STREAM = {
  form: {
    kind: 'object',
    keys: {
      name: { form: NAME, required: true, description: 'Its name.', example: 'SHOP' },
      keep: { form: SPAN, required: false, description: 'How long messages are kept; 7d unless given.', example: '30d' },
      maxBytes: {
        form: { kind: 'integer', min: 1_000_000, max: 1_000_000_000_000 },
        required: false,
        description: 'The most bytes of the stream, of which the oldest messages are then removed; no limit unless given.',
        example: 10_000_000_000,
      },
      replicas: {
        form: { kind: 'integer', min: 1, max: 5 },
        required: false,
        description: 'On how many servers it is stored; 1 unless given.',
        example: 3,
      },
    },
  },
  required: false,
  description: 'The stream to create for the published subjects if there is none of this name.',
  example: { name: 'SHOP' },
} as const satisfies FormKey

/** The message broker of a design. */
export const BROKER = {
  form: {
    kind: 'keyed',
    title: 'broker',
    cases: {
      nats: {
        kind: 'object',
        keys: {
          nats: {
            form: ENVIRONMENT,
            required: true,
            description: 'The variable that holds the addresses of the servers of NATS, with commas between them.',
            example: 'NATS_URL',
          },
          auth: { form: NATS_AUTH, required: false, description: 'How Plinth signs in.', example: { creds: 'NATS_CREDS' } },
          stream: STREAM,
          ...COMMON_BROKER,
        },
      },
      kafka: {
        kind: 'object',
        keys: {
          kafka: {
            form: ENVIRONMENT,
            required: true,
            description: 'The variable that holds the addresses of the brokers of Kafka, with commas between them.',
            example: 'KAFKA_BROKERS',
          },
          auth: {
            form: SASL,
            required: false,
            description: 'How Plinth signs in (SCRAM-SHA-512).',
            example: { user: 'BROKER_USER', password: 'BROKER_PASSWORD' },
          },
          ...COMMON_BROKER,
        },
      },
    },
  },
  required: false,
  description: 'The message broker, to which reactions publish CloudEvents and whose messages become jobs.',
  example: { nats: 'NATS_URL' },
} as const satisfies FormKey
