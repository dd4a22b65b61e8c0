/** The design language, as data: the entity that signs in. */

import type { ObjectForm } from './form.ts'
import { NAME, SPAN } from './language-forms.ts'

/** The option `identity` of an entity. */
export const IDENTITY = {
  kind: 'object',
  title: 'identity',
  keys: {
    login: { form: NAME, required: true, description: 'The field that names the account: required and unique.', example: 'email' },
    password: { form: NAME, required: true, description: 'The password field.', example: 'password' },
    role: { form: NAME, required: false, description: 'The field that auth.role reads.', example: 'role' },
    claims: {
      form: { kind: 'list', of: NAME, min: 0, max: 20 },
      required: false,
      description: 'Further fields of the account that expressions may use, such as auth.org.',
      example: ['org'],
    },
    takenLogin: {
      form: { kind: 'enum', values: ['accepted', 'conflict'] },
      required: false,
      description:
        'The answer when an account is created with a login that another account has: conflict says so (409), accepted is also the answer ' +
        'for a new login (202). Unless given: conflict for callers who may read the login of every account, accepted for all others.',
      example: 'conflict',
    },
    token: {
      form: {
        kind: 'object',
        title: 'token',
        keys: {
          scheme: {
            form: { kind: 'text', max: 40, pattern: { source: '^[A-Za-z][A-Za-z0-9-]*$', says: 'a word of letters, such as Token' } },
            required: false,
            description: 'The word before the token in the header Authorization; Bearer unless given.',
            example: 'Token',
          },
          lasts: {
            form: SPAN,
            required: false,
            description: 'How long an access token is valid, at most 30d; 15m unless given.',
            example: '30d',
          },
          cookie: {
            form: {
              kind: 'text',
              max: 40,
              pattern: { source: '^[A-Za-z][A-Za-z0-9_-]*$', says: 'a name of letters, digits, _ and -, such as session' },
            },
            required: false,
            description: 'The name of a cookie that may hold the token in place of the header, for pages of the same origin.',
            example: 'session',
          },
          sameSite: {
            form: { kind: 'enum', values: ['strict', 'lax'] },
            required: false,
            description:
              'Whether the browser sends the cookie when somebody follows a link from another site (lax) or not (strict); lax unless given.',
            example: 'strict',
          },
        },
      },
      required: false,
      description: 'How access tokens are sent, and for how long they are valid.',
      example: { scheme: 'Token' },
    },
  },
} as const satisfies ObjectForm
