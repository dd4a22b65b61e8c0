/** The entity that signs in: the one with a password and a unique login. */

import { formatPath } from '../../base/diagnostic.ts'
import type { Draft, DraftEntity, DraftField } from './draft.ts'

const LOGINS: readonly string[] = ['email', 'emailAddress', 'username', 'userName', 'login', 'name', 'handle']
const ENTITIES = /^(?:App)?(?:User|Account|Member|Customer|Person|AuthUser|Identity)$/
const ROLES: readonly string[] = ['role', 'userRole', 'roleName']

interface Candidate {
  readonly name: string
  readonly entity: DraftEntity
  readonly login: string
  readonly password: string
}

/**
 * Makes the one entity that can sign in the identity of the design. Nobody but an administrator of the database sets its role.
 *
 * @returns the entities among which a person has to choose: none if there was nothing to choose.
 */
export function addIdentity(draft: Draft): readonly string[] {
  const candidates = Object.entries(draft.design.entities).flatMap(([name, entity]): readonly Candidate[] => {
    const password = Object.entries(entity.fields).find(([, { type }]) => type === 'password')?.[0]
    const login = LOGINS.find((field) => isLogin(entity.fields[field]))
    return password === undefined || login === undefined ? [] : [{ name, entity, login, password }]
  })
  const likely = candidates.filter(({ name }) => ENTITIES.test(name))
  const [chosen, other] = candidates.length === 1 ? candidates : likely
  if (chosen === undefined || other !== undefined) return candidates.map(({ name }) => name)
  const { entity, login, name } = chosen
  const password = renamed(chosen, draft)
  delete entity.fields[password]?.optional
  const role = ROLES.find(
    (field) => ['choice', 'text'].includes(entity.fields[field]?.type ?? '') && entity.fields[field]?.optional !== true,
  )
  const field = role === undefined ? undefined : entity.fields[role]
  if (field !== undefined) field.write = 'false'
  const { fields, ...rest } = entity
  draft.design.entities[name] = {
    ...(rest.description === undefined ? {} : { description: rest.description }),
    identity: { login, password, ...(role === undefined ? {} : { role }) },
    ...rest,
    fields,
  }
  return []
}

function isLogin(field: DraftField | undefined): boolean {
  return (field?.type === 'email' || field?.type === 'text') && field.unique === true && field.optional !== true
}

/** Gives the field of the password its usual name, at its place. Returns the name. */
function renamed({ name, entity, password }: Candidate, draft: Draft): string {
  if (password === 'password' || entity.fields.password !== undefined) return password
  entity.fields = Object.fromEntries(Object.entries(entity.fields).map(([key, field]) => [key === password ? 'password' : key, field]))
  const [from, to] = [password, 'password'].map((field) => formatPath(['entities', name, 'fields', field])) as [string, string]
  draft.carried = draft.carried.map((each) => (each.path === from ? { ...each, path: to } : each))
  const source = draft.sources.get(from)
  draft.sources.delete(from)
  if (source !== undefined) draft.sources.set(to, source)
  return 'password'
}
