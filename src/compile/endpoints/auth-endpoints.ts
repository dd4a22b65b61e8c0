/** The endpoints for signing up, signing in and staying signed in. */

import { LIMITS } from '../../base/limits.ts'
import type { Endpoint } from './endpoint.ts'

const COMMON = {
  presence: 'with-identity',
  parameters: { query: 'refused', headers: [] },
  idempotent: false,
  answers: 'json',
  limit: { bodyBytes: LIMITS.bodyBytes, counted: true, transactionMs: null },
} as const

const POST = {
  ...COMMON,
  method: 'POST',
  body: 'required',
  auth: 'none',
  failures: [400, 401, 406, 413, 415, 429, 431, 500, 503],
} as const

const GET = { ...COMMON, method: 'GET', body: 'none' } as const

/** In the order of the OpenAPI document. */
export const AUTH_ENDPOINTS = {
  register: {
    ...POST,
    path: '/api/auth/register',
    auth: 'optional',
    idempotent: true,
    failures: [400, 401, 403, 406, 409, 413, 415, 422, 429, 431, 500, 503],
    description: {
      tag: 'authentication',
      summary: 'Sign up',
      text: 'Creates a user and signs in as that user. With an `Idempotency-Key`, a repetition creates no second user and gets new tokens.',
      request: null,
      answer: { status: 201, text: 'The new user, signed in.', schema: 'SignedIn', media: 'application/json' },
    },
  },
  login: {
    ...POST,
    path: '/api/auth/login',
    description: {
      tag: 'authentication',
      summary: 'Sign in',
      text: 'A wrong password and an unknown account get the same answer.',
      request: 'Credentials',
      answer: { status: 200, text: 'Signed in.', schema: 'SignedIn', media: 'application/json' },
    },
  },
  refreshSession: {
    ...POST,
    path: '/api/auth/refresh',
    description: {
      tag: 'authentication',
      summary: 'Exchange a refresh token for new tokens',
      text: 'A refresh token works once; using it again ends the session.',
      request: 'RefreshToken',
      answer: { status: 200, text: 'New tokens.', schema: 'Tokens', media: 'application/json' },
    },
  },
  logout: {
    ...POST,
    path: '/api/auth/logout',
    body: 'optional',
    auth: 'optional',
    description: {
      tag: 'authentication',
      summary: 'End the session',
      text: 'Ends the session of the access token, or of the refresh token in the body.',
      request: 'RefreshToken',
      answer: { status: 204, text: 'The session is over.', schema: null, media: 'application/json' },
    },
  },
  getMe: {
    ...GET,
    path: '/api/auth/me',
    auth: 'required',
    failures: [400, 401, 403, 404, 406, 429, 431, 500, 503],
    description: {
      tag: 'authentication',
      summary: 'Your own row',
      text: 'The signed-in user, with the fields that this user may read.',
      request: null,
      answer: { status: 200, text: 'The row.', schema: null, media: 'application/json' },
    },
  },
  getKeys: {
    ...GET,
    path: '/.well-known/jwks.json',
    parameters: { query: 'ignored', headers: [] },
    auth: 'none',
    failures: [406, 429, 431, 500, 503],
    description: {
      tag: 'authentication',
      summary: 'The public keys that access tokens are signed with (RFC 7517)',
      text: 'For services that check access tokens themselves.',
      request: null,
      answer: { status: 200, text: 'The keys.', schema: 'KeySet', media: 'application/jwk-set+json' },
    },
  },
} as const satisfies Readonly<Record<string, Endpoint>>
