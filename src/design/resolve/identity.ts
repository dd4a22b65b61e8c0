/** Resolves the identity of a design and the claims that `auth.` may name. */

import type { Claim } from '../../model/caller.ts'
import { LASTS_SECONDS, type TokenModel } from '../../model/caller.ts'
import type { IdentityModel } from '../../model/model.ts'
import type { TokenDesign } from '../authoring/design.ts'
import type { FieldDesign, FieldKind } from '../authoring/field-design.ts'
import { spanMs } from '../authoring/span.ts'
import type { Report, ReportPlace } from '../findings/report.ts'
import { didYouMean, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import type { EntityOutline, FieldOutline, Outline } from '../outline/outline.ts'
import { isBroken } from '../outline/outline.ts'
import { NO_CLAIM, scalarOfDesign } from '../outline/outline-shape.ts'

/** The identity of a model, null when the design has none, and the claims of its callers. */
interface ResolvedIdentity {
  readonly identity: IdentityModel | null
  readonly claims: readonly Claim[]
}

/** The identity of the design and its claims: `id`, `role` when there is one, then those that the design lists. */
export function resolveIdentity(outline: Outline, report: Report): ResolvedIdentity {
  const signing = [...outline.entities.values()].filter((entity) => entity.design.identity !== undefined)
  const [first, ...others] = signing
  for (const other of others)
    report.add('PLN-D217', [...other.at, 'identity'], `${first?.name} has an identity already; only one entity may have one`)
  if (first?.design.identity === undefined) return { identity: null, claims: [] }
  const { login, password, role, claims = [], takenLogin = null, token = {} } = first.design.identity
  const at = [...first.at, 'identity']
  const look = (name: string, key: Path): FieldOutline | undefined => fieldOf(first, name, { at: [...at, ...key], report, outline })
  checkLogin(first, look(login, ['login']), { at: [...at, 'login'], report })
  checkPassword(look(password, ['password']), { at: [...at, 'password'], report })
  const roleField = role === undefined ? undefined : look(role, ['role'])
  checkRole(roleField, { at: [...at, 'role'], report })
  const listed = claims.flatMap((name, i) => {
    const field = look(name, ['claims', i])
    return field === undefined ? [] : claimOf(field, { at: [...at, 'claims', i], report, outline })
  })
  const own: readonly Claim[] = [
    { name: 'id', field: 'id', scalar: first.idScalar },
    ...(role === undefined ? [] : [{ name: 'role', field: role, scalar: 'text' } as const]),
  ]
  const extra = listed.filter((claim, i) => isNew(claim, { before: [...own, ...listed.slice(0, i)], at: [...at, 'claims'], report }))
  return {
    identity: {
      entity: first.name,
      login,
      password,
      role: role ?? null,
      takenLogin,
      token: tokenOf(token, { at: [...at, 'token'], report }),
    },
    claims: [...own, ...extra],
  }
}

/** A session ends after 30 days without use, so a token that lasts longer would end with it. */
const MAX_LASTS_SECONDS = 30 * 86_400

function tokenOf({ scheme = 'Bearer', lasts, cookie, sameSite }: TokenDesign, { at, report }: ReportPlace): TokenModel {
  const lastsSeconds = lasts === undefined ? LASTS_SECONDS : Math.floor((spanMs(lasts) ?? 0) / 1000)
  if (lastsSeconds > MAX_LASTS_SECONDS || lastsSeconds < 60)
    report.add('PLN-D572', [...at, 'lasts'], `a token cannot last ${lasts}`, 'use a time between 1m and 30d')
  if (sameSite !== undefined && cookie === undefined)
    report.add('PLN-D209', [...at, 'sameSite'], 'sameSite is about a cookie, and there is none', 'use it with cookie, or leave it out')
  return { scheme, lastsSeconds, cookie: cookie === undefined ? null : { name: cookie, sameSite: sameSite ?? 'lax' } }
}

function fieldOf(entity: EntityOutline, name: string, place: ReportPlace & { readonly outline: Outline }): FieldOutline | undefined {
  const field = entity.fields.get(name)
  if (field === undefined && !isBroken(place.outline, [...entity.at, 'fields', name])) {
    place.report.add('PLN-D207', place.at, `unknown field ${quote(name)}${didYouMean(name, entity.fields.keys())}`)
  }
  return field
}

function checkLogin(entity: EntityOutline, field: FieldOutline | undefined, { at, report }: ReportPlace): void {
  if (field === undefined) return
  const { design, name } = field
  if (!isOne(design, ['email', 'text'])) {
    report.add('PLN-D216', at, `the login ${quote(name)} is of type ${design.type}`, 'use an email or text field')
    return
  }
  if ('optional' in design && design.optional === true)
    report.add('PLN-D216', at, `the login ${quote(name)} is optional`, 'remove optional from the field')
  if ('set' in design && design.set !== undefined)
    report.add('PLN-D216', at, `the login ${quote(name)} is set by the server, so nobody can register`, 'remove set from the field')
  const unique = isUniqueAlone(entity, name) || ('unique' in design && isWholeUnique(design.unique))
  if (!unique) report.add('PLN-D216', at, `the login ${quote(name)} is not unique`, 'add unique: true to the field')
}

/** Whether a constraint of the entity makes the field unique among all rows. */
function isUniqueAlone({ design }: EntityOutline, name: string): boolean {
  const lists = (design.unique ?? []).flatMap((one) => ('fields' in one ? (one.where === undefined ? [one.fields] : []) : [one]))
  return lists.some((fields) => fields.length === 1 && fields[0] === name)
}

function isWholeUnique(unique: boolean | { readonly within?: string; readonly where?: string } | undefined): boolean {
  return typeof unique === 'object' ? unique.within === undefined && unique.where === undefined : unique === true
}

function checkPassword(field: FieldOutline | undefined, { at, report }: ReportPlace): void {
  if (field === undefined) return
  if (field.design.type !== 'password')
    report.add('PLN-D216', at, `${quote(field.name)} is of type ${field.design.type}`, 'use a password field')
  else if (field.design.optional === true)
    report.add('PLN-D216', at, `the password ${quote(field.name)} is optional`, 'remove optional from the field')
}

function checkRole(field: FieldOutline | undefined, { at, report }: ReportPlace): void {
  if (field === undefined || isOne(field.design, ['choice', 'text'])) return
  report.add('PLN-D216', at, `the role ${quote(field.name)} is of type ${field.design.type}`, 'use a choice or text field')
}

function isOne(design: FieldDesign, kinds: readonly FieldKind[]): boolean {
  return kinds.includes(design.type)
}

function claimOf(field: FieldOutline, { at, report, outline }: ReportPlace & { readonly outline: Outline }): readonly Claim[] {
  const { type } = field.design
  if (NO_CLAIM.includes(type)) {
    report.add(
      'PLN-D214',
      at,
      `a field of type ${type} cannot be a claim`,
      'a claim is a single value: use a scalar, a choice or a reference',
    )
    return []
  }
  return [{ name: field.name, field: field.name, scalar: scalarOfDesign(field.design, outline) }]
}

/** Names that `auth.` has for tokens. */
const TOKENS: ReadonlySet<string> = new Set(['token', 'refreshToken'])

function isNew(claim: Claim, place: ReportPlace & { readonly before: readonly Claim[] }): boolean {
  if (TOKENS.has(claim.name)) {
    place.report.add('PLN-D202', place.at, `${quote(claim.name)} is a reserved word: auth.${claim.name} is a token`, 'rename the field')
    return false
  }
  if (!place.before.some((other) => other.name === claim.name)) return true
  place.report.add('PLN-D203', place.at, `the claim ${quote(claim.name)} is there already`, 'id and role are claims without being listed')
  return false
}
