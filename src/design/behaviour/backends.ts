/** Resolves the other backends of `integrations.backends`. */

import type { AcceptedAccounts, AcceptedBackend } from '../../model/http/accepted-backend.ts'
import type { Configured } from '../../model/http/http-service.ts'
import type { Entity, Field, IdentityModel } from '../../model/model.ts'
import type { AcceptedBackendDesign } from '../authoring/behaviour-design.ts'
import type { Design } from '../authoring/design.ts'
import { didYouMean, quote, type Report, type ReportPlace } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { checkMemberName } from '../outline/outline-names.ts'
import { addressProblem } from './services.ts'

interface BackendContext {
  readonly design: Design
  readonly report: Report
  readonly identity: IdentityModel | null
  readonly entities: ReadonlyMap<string, Entity>
}

/** The backends, in the order of the design. */
export function resolveBackends(context: BackendContext): readonly AcceptedBackend[] {
  const { report } = context
  const issuers = new Set<string>()
  return Object.entries(context.design.integrations?.backends ?? {}).map(([name, backend]) => {
    const at = ['integrations', 'backends', name]
    checkMemberName(name, { what: 'a backend', at, report })
    const issuer = backend.issuer.replace(/\/$/, '')
    if (issuers.has(issuer)) report.add('PLN-D675', [...at, 'issuer'], `another backend has the issuer ${issuer}, too`)
    issuers.add(issuer)
    if (backend.role === undefined && backend.accounts === undefined)
      report.add(
        'PLN-D674',
        at,
        `${name} may send no request`,
        'declare a role for its own requests, or say by accounts for whom it may send some',
      )
    return {
      name,
      description: backend.description ?? null,
      issuer: issuerOf(issuer, [...at, 'issuer'], report),
      ...rightsOf(backend, at, context),
    }
  })
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Why a text is no issuer; null for one. Its keys would not be safe on the way without TLS. */
export function issuerProblem(text: string): string | null {
  const problem = addressProblem(text)
  if (problem !== null) return problem
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || LOOPBACK.has(hostname) ? null : 'the issuer is no https URL, so its keys could be changed on the way'
}

function issuerOf(given: string, at: Path, report: Report): Configured {
  if (!given.includes('://')) return { kind: 'variable', name: given }
  const why = issuerProblem(given)
  if (why !== null) report.add('PLN-D675', at, why, 'write it like https://orders.example.com')
  return { kind: 'stated', value: given }
}

/** Who the requests of a backend may be from. */
function rightsOf(
  { role, accounts, roles }: AcceptedBackendDesign,
  at: Path,
  { report, identity, entities }: BackendContext,
): Pick<AcceptedBackend, 'role' | 'accounts'> {
  const entity = identity === null ? undefined : entities.get(identity.entity)
  if (identity === null || entity === undefined) {
    report.add('PLN-D676', at, 'no entity of the design has an identity, so requests can have no role and no account')
    return { role: null, accounts: null }
  }
  const named = [
    ...(role === undefined ? [] : [{ role, at: [...at, 'role'] }]),
    ...(roles ?? []).map((one, i) => ({ role: one, at: [...at, 'roles', i] })),
  ]
  for (const one of named) checkRole(one, { entity, identity, report })
  if (roles !== undefined && accounts === undefined)
    report.add('PLN-D209', [...at, 'roles'], 'roles are those of accounts, and there are none', 'use it with accounts, or leave it out')
  const place = { at: [...at, 'accounts'], report, entity }
  return { role: role ?? null, accounts: accounts === undefined ? null : accountsOf(accounts, roles ?? null, place) }
}

function checkRole(
  { role, at }: { readonly role: string; readonly at: Path },
  { entity, identity, report }: { readonly entity: Entity; readonly identity: IdentityModel; readonly report: Report },
): void {
  const field = entity.fields.find(({ name }) => name === identity.role)
  if (field === undefined)
    report.add('PLN-D676', at, 'accounts have no role', `choose a field with roles in the identity of ${entity.name}`)
  else if (field.type.kind === 'choice' && !field.type.values.includes(role))
    report.add(
      'PLN-D676',
      at,
      `${quote(role)} is none of the roles${didYouMean(role, field.type.values)}`,
      `use one of them, or add it to ${entity.name}.${field.name}`,
    )
}

/** The types of fields that may have an id of another backend. */
const ID_SCALARS: ReadonlySet<string> = new Set(['text', 'uuid', 'email', 'url', 'integer'])

function accountsOf(name: string, roles: readonly string[] | null, place: ReportPlace & { readonly entity: Entity }): AcceptedAccounts {
  const { entity, at, report } = place
  const field = entity.fields.find((one) => one.name === name)
  if (field === undefined) {
    const known = entity.fields.map((one) => one.name)
    report.add('PLN-D207', at, `unknown field ${quote(name)}${didYouMean(name, known)}`)
  } else if (!isId(field, entity))
    report.add(
      'PLN-D676',
      at,
      `two accounts could have the same ${name}`,
      'use id, or a field with unique: true that has a text, a UUID or an integer',
    )
  return { field: name, roles }
}

/** Whether the values of a field tell accounts apart. */
function isId({ name, type }: Field, { uniques }: Entity): boolean {
  const isUnique = name === 'id' || uniques.some(({ fields }) => fields.length === 1 && fields[0] === name)
  return isUnique && type.kind === 'scalar' && ID_SCALARS.has(type.scalar)
}
