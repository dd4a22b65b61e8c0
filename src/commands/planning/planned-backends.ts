/** The other backends of a plan, which may send requests. */

import type { AcceptedBackend } from '../../model/http/accepted-backend.ts'
import type { Model } from '../../model/model.ts'
import { columns } from '../terminal/layout.ts'

/** Another backend. */
export interface PlannedBackend extends Pick<AcceptedBackend, 'role' | 'accounts'> {
  readonly backend: string
  /** Its address, or the variable that has it. */
  readonly issuer: string
}

/** The other backends of a model, in its order. */
export function plannedBackends({ acceptedBackends }: Model): readonly PlannedBackend[] {
  return acceptedBackends.map(({ name, issuer, role, accounts }) => ({
    backend: name,
    issuer: issuer.kind === 'stated' ? issuer.value : issuer.name,
    role,
    accounts,
  }))
}

/** A line for each backend: for whom it may send requests. */
export function backendLines(backends: readonly PlannedBackend[], heading: string): readonly string[] {
  if (backends.length === 0) return []
  const rows = backends.map(({ backend, issuer, role, accounts }) => [
    backend,
    issuer,
    role === null ? 'not for itself' : `for itself with the role ${role}`,
    accounts === null ? 'for no account' : `FOR ACCOUNTS by ${accounts.field}, ${rolesWords(accounts.roles)}`,
  ])
  return [heading, ...columns(rows, '  ')]
}

function rolesWords(roles: readonly string[] | null): string {
  return roles === null ? 'whatever their role' : `with the role ${roles.join(' or ')}`
}
