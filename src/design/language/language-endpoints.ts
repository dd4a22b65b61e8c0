/** The design language, as data: the addresses of actions and the places of their inputs. */

import { CONTRACT_FILE } from './code-reference.ts'
import type { Form, FormKey } from './form.ts'
import { BOOLEAN, CODE, NAME } from './language-forms.ts'
import { SIGNED } from './language-webhooks.ts'

const ADDRESS = {
  kind: 'text',
  max: 300,
  pattern: {
    source: '^((GET|POST|PUT|PATCH|DELETE) (/|(/([A-Za-z0-9._~-]|[{][A-Za-z][A-Za-z0-9]*[}](?![{]))+)+/?)|[A-Za-z][A-Za-z0-9._-]*)$',
    says: 'a method and a path, such as POST /checkout, or an operation of the contract',
  },
} as const satisfies Form

/** A member of an answer, with dots for members of members. */
const MEMBER = '[A-Za-z][A-Za-z0-9]*([.][A-Za-z][A-Za-z0-9]*)*'
/** A character of an address but the slash, or a member in braces. */
const PIECE = `([A-Za-z0-9._~?=&#@:,+-]|[{]${MEMBER}[}])`

/** The address of an action. */
export const ENDPOINT = {
  form: {
    kind: 'either',
    of: [
      ADDRESS,
      {
        kind: 'object',
        title: 'endpoint',
        keys: {
          at: {
            form: ADDRESS,
            required: true,
            description: 'Method and path, or the name of an operation of the contract.',
            example: 'POST /articles',
          },
          body: {
            form: NAME,
            required: false,
            description: 'The member of the JSON body that contains the inputs; they are members of the body itself unless given.',
            example: 'article',
          },
          status: {
            form: { kind: 'integer', min: 200, max: 308 },
            required: false,
            description: 'The status of a success; 200 unless given, 204 if the action answers nothing, or 303 with redirect.',
            example: 201,
          },
          redirect: {
            form: {
              kind: 'text',
              max: 300,
              pattern: {
                source: `^([{]${MEMBER}[}]|/(${PIECE}(/|${PIECE})*)?)$`,
                says: 'a path of this server, such as /users/{id}, or one value in braces',
              },
            },
            required: false,
            description:
              'Where a success leads in place of an answer: the header Location. A name in braces is a member of the answer, as one part ' +
              'of a path or a query; as the whole target it is a URL.',
            example: '/users/{id}',
          },
          type: {
            form: { kind: 'enum', values: ['json', 'csv', 'html'] },
            required: false,
            description: 'The media type of the answer; json unless given. With html the answer is filled into template.',
            example: 'csv',
          },
          accepts: {
            form: { kind: 'enum', values: ['json', 'form'] },
            required: false,
            description: 'The media type of the body of a request; json unless given.',
            example: 'form',
          },
          signed: SIGNED,
        },
      },
    ],
  },
  required: false,
  description:
    'An address of its own in REST: a method and a path, alone or as at with options. A name in braces is an input; in an action of an ' +
    'entity one is id or a unique field, and finds the row. With a contract, the name of an operation.',
  example: 'POST /checkout',
} as const satisfies FormKey

const TEMPLATE_FILE = {
  kind: 'text',
  max: 300,
  pattern: {
    source: '^(\\./)?[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*[.]html$',
    says: 'the path of a file in the folder of the design, such as pages/report.html',
  },
} as const satisfies Form

/** The page of an action. */
export const TEMPLATE = {
  form: TEMPLATE_FILE,
  required: false,
  description: 'The file that the answer is filled into, relative to the folder of the design; for an endpoint with type html.',
  example: 'pages/report.html',
} as const satisfies FormKey

/** The page of an action for its failures. */
export const ERROR_TEMPLATE = {
  form: TEMPLATE_FILE,
  required: false,
  description:
    'The file of the page that browsers get when the action fails, such as its form with messages. It may name status, code, title, ' +
    'detail, traceId, path, time, problems, and under sent what the client sent.',
  example: 'pages/sign-up-again.html',
} as const satisfies FormKey

/** The path of a failure. */
export const CODE_REDIRECT = {
  form: {
    kind: 'text',
    max: 300,
    pattern: { source: '^/([A-Za-z0-9._~?=&#@:,+-]+(/|[A-Za-z0-9._~?=&#@:,+-])*)?$', says: 'a path of this server, such as /login' },
  },
  required: false,
  description: 'The path to which browsers are led where they would get a page about the failure.',
  example: '/login',
} as const satisfies FormKey

/** The page for all failures. */
export const ERRORS_TEMPLATE = {
  form: TEMPLATE_FILE,
  required: false,
  description:
    'The file of the page that browsers get when an endpoint with pages, redirects or forms fails. It may name status, code, title, ' +
    'detail, traceId, path, time and problems.',
  example: 'pages/error.html',
} as const satisfies FormKey

/** The place of an input in a request. */
export const INPUT_PLACE = {
  in: {
    form: { kind: 'enum', values: ['query', 'header', 'body'] },
    required: false,
    description:
      'Where a request to the endpoint has the input. Unless given: in the path if the path names it, otherwise in the query of GET and ' +
      'DELETE, and in the JSON body of the other methods.',
    example: 'header',
  },
  name: {
    form: {
      kind: 'text',
      max: 100,
      pattern: { source: '^[A-Za-z_][A-Za-z0-9_.-]*$', says: 'a name such as X-Site' },
    },
    required: false,
    description: 'The name that the input has in requests to the endpoint; its name in the design unless given.',
    example: 'X-Site',
  },
  inside: {
    form: NAME,
    required: false,
    description: 'The member of the JSON body that contains the input; that of the endpoint unless given.',
    example: 'data',
  },
} as const satisfies Record<string, FormKey>

/** The ways into the backend that Plinth makes itself. */
export const SERVE = {
  form: {
    kind: 'object',
    keys: {
      rest: {
        form: {
          kind: 'either',
          of: [
            BOOLEAN,
            { kind: 'text', max: 100, pattern: { source: '^/[A-Za-z0-9][A-Za-z0-9._~-]*$', says: 'one segment of a path, such as /v2' } },
          ],
        },
        required: false,
        description: 'The addresses of rows, actions and sign-in: under /api (unless given), under another segment, or with false none.',
        example: '/v2',
      },
      graphql: { form: BOOLEAN, required: false, description: 'Whether GraphQL is served; true unless given.', example: false },
    },
  },
  required: false,
  description: 'Moves or switches off what Plinth serves besides the endpoints of actions.',
  example: { rest: '/v2', graphql: false },
} as const satisfies FormKey

/** The contract of others whose operations the actions implement. */
export const CONTRACT = {
  form: {
    kind: 'text',
    max: 300,
    pattern: { source: CONTRACT_FILE.source, says: 'a path such as openapi.yml, in the folder of the design or below it' },
  },
  required: false,
  description:
    'The OpenAPI document that the actions implement (3.0 or 3.1, YAML or JSON): an action that is called like an operation serves it.',
  example: 'openapi.yml',
} as const satisfies FormKey

/** Routes that a design adds by code. */
export const ROUTES = {
  form: {
    kind: 'either',
    of: [
      CODE,
      {
        kind: 'object',
        title: 'routes',
        keys: {
          run: { form: CODE, required: true, description: 'A Fastify plugin, or its path.', example: './routes.ts' },
          as: {
            form: { kind: 'enum', values: ['caller', 'system'] },
            required: false,
            description: 'With system, the code may also use db.system, to which no access rules apply; caller unless given.',
            example: 'system',
          },
        },
      },
    ],
  },
  required: false,
  description: 'A Fastify plugin that adds routes, or its path.',
  example: './routes.ts',
} as const satisfies FormKey
