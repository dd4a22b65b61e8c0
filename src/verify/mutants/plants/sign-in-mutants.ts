/** Mutants of signing in: tokens that are not checked, sessions that do not end, and passwords that may be tried for ever. */

import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { SYSTEM_SCHEMA } from '../../../model/database.ts'
import type { Model } from '../../../model/model.ts'
import { quoted } from '../../../postgres/schema/ddl.ts'
import type { TokenSigning } from '../../cases/probe.ts'
import type { MutantKind } from '../kinds.ts'
import type { Mutant, Plant } from '../mutant.ts'

/** The name of the trigger and its function. Only one is planted at a time. */
const PLANTED = 'plinth_planted_session'
const HOUR = 3_600

type Members = Readonly<Record<string, unknown>>

/** The parts of a token. */
interface TokenParts {
  readonly header: Members
  readonly payload: Members
}

/** What a backend does not check: the token as it would have to be. */
type Repair = (parts: TokenParts, signing: TokenSigning) => TokenParts

/** Nothing but the signature is not checked. */
const SAME: Repair = (parts) => parts

const NOT_CHECKED: Readonly<Record<string, { readonly what: string; readonly repair: Repair }>> = {
  expiry: {
    what: 'an expired token counts',
    repair: ({ header, payload }) => ({
      header,
      payload: Number(payload.exp) < seconds() ? { ...payload, iat: seconds(), exp: seconds() + HOUR } : payload,
    }),
  },
  'not-before': {
    what: 'a token counts before its time',
    repair: ({ header, payload }) => ({ header, payload: Object.fromEntries(Object.entries(payload).filter(([name]) => name !== 'nbf')) }),
  },
  issuer: {
    what: 'a token of any issuer counts',
    repair: ({ header, payload }, { issuer }) => ({ header, payload: { ...payload, iss: issuer } }),
  },
  audience: {
    what: 'a token for any service counts',
    repair: ({ header, payload }, { audience }) => ({ header, payload: { ...payload, aud: audience } }),
  },
  type: { what: 'a token of any type counts', repair: ({ header, payload }) => ({ header: { ...header, typ: 'at+jwt' }, payload }) },
}

/** All mutants of signing in; none for a design without accounts. */
export function signInMutants({ identity }: Model): readonly Mutant[] {
  if (identity === null) return []
  const of = (
    kind: MutantKind,
    detail: string,
    { what, claim, plant }: { readonly what: string; readonly claim: string; readonly plant: Plant },
  ): Mutant => ({
    name: `mutants/${kind}/${detail}`,
    kind,
    what,
    entity: identity.entity,
    claims: [claim],
    doors: null,
    plant,
    rule: null,
  })
  const tokens = Object.entries(NOT_CHECKED).map(([part, { what, repair }]) =>
    of('token-unchecked', part, { what, claim: 'identity/tokens', plant: rewriting((token, signing) => repaired(token, signing, repair)) }),
  )
  return [
    ...tokens,
    of('token-unchecked', 'signature', {
      what: 'a token with any signature counts',
      claim: 'identity/tokens',
      plant: rewriting((token, signing) => (isSigned(token, signing) ? token : repaired(token, signing, SAME))),
    }),
    of('session-not-ended', 'refresh-reused', {
      what: 'a refresh token that is used again does not end the session',
      claim: 'identity/sessions',
      plant: onWrite('sessions', "new.revoked_reason = 'refresh-reused'", 'new.revoked_at := null'),
    }),
    of('session-not-ended', 'ended', {
      what: 'logging out and a new password do not end the session',
      claim: 'identity/sessions',
      plant: onWrite('sessions', "new.revoked_reason <> 'refresh-reused'", 'new.revoked_at := null'),
    }),
    of('attempts-unlimited', identity.entity, {
      what: 'passwords may be tried for ever',
      claim: 'identity/sign-in',
      plant: onWrite('login_attempts', 'true', 'new.attempts := 0'),
    }),
  ]
}

/** A trigger on a table of Plinth. */
function onWrite(table: string, when: string, assignment: string): Plant {
  return {
    kind: 'database',
    plant: [
      `create function public.${PLANTED}() returns trigger language plpgsql security definer as $planted$ begin
        if ${when} then ${assignment}; end if; return new; end $planted$`,
      `create trigger ${PLANTED} before insert or update on ${quoted(SYSTEM_SCHEMA, table)} for each row execute function public.${PLANTED}()`,
    ],
    remove: [`drop function public.${PLANTED}() cascade`],
  }
}

/** The backend gets another token than was sent. */
function rewriting(rewrite: (token: string, signing: TokenSigning) => string): Plant {
  return {
    kind: 'exchange',
    open: (signing) => ({
      request: (asked) => (asked.token === null || signing === null ? asked : { ...asked, token: rewrite(asked.token, signing) }),
    }),
  }
}

/** The token without what is not checked, signed again if it was signed. */
function repaired(token: string, signing: TokenSigning, repair: Repair): string {
  const parts = partsOf(token)
  if (parts === null || (repair !== SAME && !isSigned(token, signing))) return token
  const { header, payload } = repair(parts, signing)
  const text = `${encoded(header)}.${encoded(payload)}`
  return `${text}.${sign(null, Buffer.from(text), createPrivateKey(signing.pem)).toString('base64url')}`
}

function isSigned(token: string, { pem }: TokenSigning): boolean {
  const [header = '', payload = '', signature = '', ...more] = token.split('.')
  return more.length === 0 && verify(null, Buffer.from(`${header}.${payload}`), createPublicKey(pem), Buffer.from(signature, 'base64url'))
}

function partsOf(token: string): TokenParts | null {
  const [header = '', payload = '', , ...more] = token.split('.')
  if (more.length > 0) return null
  try {
    const [a, b] = [header, payload].map((part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Members)
    return a === undefined || b === undefined ? null : { header: a, payload: b }
  } catch {
    return null
  }
}

function encoded(members: Members): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url')
}

function seconds(): number {
  return Math.floor(Date.now() / 1000)
}
