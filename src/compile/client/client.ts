/** The typed client of a design: TypeScript without dependencies, for browsers and Node. */

import { LIMITS } from '../../base/limits.ts'
import { restBase } from '../../model/address/served.ts'
import { fileFieldsOf, type HeldFile } from '../../model/files/file-fields.ts'
import { fieldNamed, type Model } from '../../model/model.ts'
import type { FileOperation } from '../endpoints/file-endpoints.ts'
import { declaredCodes } from '../openapi/action-paths.ts'
import { shapeComponents } from '../openapi/answer-schemas.ts'
import { type JsonObject, pascal } from '../openapi/component-names.ts'
import { isFileShown } from '../openapi/file-paths.ts'
import { rowComponents } from '../openapi/row-schemas.ts'
import { documentedEntities, idOf, isOpen, type Scope, scopeOf } from '../openapi/scope.ts'
import { serviceCodes } from '../openapi/service-failures.ts'
import type { EntityView } from '../rules/view.ts'
import { answeredSchema } from '../values/schemas.ts'
import { actionFacts, actionText, calledActions } from './action-types.ts'
import { type EntityContext, entityNames, entityTypes, shapeType } from './entity-types.ts'
import { actionName, collectionNames, type Naming, typeNaming, withoutTexts } from './names.ts'
import { comment, literalText, memberKey, typeText, union } from './type-text.ts'

/** The first line of a client, by which a file is known as one. */
export const CLIENT_MARK = '// Made by `plinth client`. Changes are lost when it is made again.'

/** A client as texts. */
export interface ClientText {
  /** The types of the design, and `createClient`. It uses names of the runtime without importing them. */
  readonly design: string
  /** The names of the runtime that it uses: values, and types. */
  readonly values: readonly string[]
  readonly types: readonly string[]
}

/**
 * Makes the client of a design for all callers: what some caller may do is there. The same model gives the same text.
 *
 * @param runtime the text of the runtime, whose names are taken.
 */
export function clientText(model: Model, runtime: string): ClientText {
  const scope = scopeOf(model, 'all', LIMITS)
  const entities = [...scope.view.entities.values()]
  const schemas: JsonObject = Object.assign({}, ...entities.map((entity) => rowComponents(scope, entity)), shapeComponents(scope))
  const naming = memo(typeNaming(runtime))
  const api = naming(`${pascal(model.name)}Client`)
  // Rows get their names first, because readers look for them.
  for (const { entity } of entities) naming(scope.componentOf(entity, ''))
  const context: EntityContext = { scope, schemas, nameOf: naming }
  const shapes = model.shapes.map(({ name }) => scope.shapeComponentOf(name))
  const text = [
    `/** The codes of errors of ${model.name}. */`,
    `export type ErrorCode = ${union([...declaredCodes(model), ...serviceCodes(model)].map(literalText).concat('CommonCode'))}`,
    '',
    ...entities.map((entity) => entityTypes(context, entity)),
    ...shapes.map((shape) => shapeType(context, shape)),
    ...clientType(context, api),
    `const DESIGN = ${factsText(scope)} as const satisfies DesignFacts`,
    '',
    `/** The client of ${model.name}. @param url where the backend is: \`https://api.example.com\`; empty for the origin of the page. */`,
    `export function createClient(url: string, options: ClientOptions = {}): ${api} {`,
    `  return connect<${api}>(url, DESIGN, options)`,
    '}',
    '',
    '/** Whether a caught value is an error of the API, with one of these codes if there are some. */',
    'export const isApiError: IsApiError<ErrorCode> = isApiErrorOf',
    '',
  ].join('\n')
  const used = new Set(withoutTexts(text).match(/\b[A-Za-z]\w*\b/g))
  const exported = [...runtime.matchAll(/^export (interface|type|class|function|const) (\w+)/gm)]
  const usedOf = (isValue: boolean): readonly string[] =>
    exported
      .flatMap(([, kind = '', name = '']) => (used.has(name) && ['class', 'function', 'const'].includes(kind) === isValue ? [name] : []))
      .sort()
  return { design: text, values: usedOf(true), types: usedOf(false) }
}

/** Gives the same name for the same component. */
function memo(naming: Naming): EntityContext['nameOf'] {
  const names = new Map<string, string>()
  return (component) => {
    const known = names.get(component) ?? naming(component)
    names.set(component, known)
    return known
  }
}

/** The interface of the client, and those of its collections. */
function clientType(context: EntityContext, api: string): readonly string[] {
  const { scope, nameOf } = context
  const { model } = scope
  const collections = collectionNames(model)
  const shown = shownEntities(scope)
  const members = shown.map(
    (entity) => `  readonly ${collections.get(entity.entity.name)}: ${nameOf(`${scope.componentOf(entity.entity, '')}Rows`)}`,
  )
  const ofDesign = calledActions(scope).filter(({ entity }) => entity === null)
  const actions = ofDesign.map((action) => {
    const prefix = prefixOf(nameOf, pascal(action.name))
    return actionText(scope, action, { name: memberKey(action.name), prefix, nameOf, id: null })
  })
  return [
    ...shown.flatMap((entity) => collectionType(context, entity)),
    ...actions.flatMap(({ declarations }) => declarations),
    ...comment(model.description ?? `The client of ${model.name}.`, ''),
    `export interface ${api} {`,
    ...members,
    ...(actions.length === 0
      ? []
      : ['  readonly actions: {', ...actions.flatMap(({ method }) => method.map((line) => `  ${line}`)), '  }']),
    ...authMembers(context),
    '}',
    '',
  ]
}

/** The beginning of the names of the types of an action, of which none is taken. */
function prefixOf(nameOf: EntityContext['nameOf'], wanted: string): string {
  return nameOf(`${wanted}Input`).replace(/Input(\d*)$/, '$1')
}

/** The entities with something to call. */
function shownEntities(scope: Scope): readonly EntityView[] {
  const withActions = new Set(calledActions(scope).map(({ entity }) => entity))
  const documented = scope.model.served.rest === null ? [] : documentedEntities(scope)
  return [...scope.view.entities.values()].filter((one) => documented.includes(one) || withActions.has(one.entity.name))
}

function collectionType(context: EntityContext, entity: EntityView): readonly string[] {
  const { scope, nameOf } = context
  const { types } = entityNames(context, entity)
  const hasRest = scope.model.served.rest !== null
  const bases = hasRest
    ? [
        ...(isOpen(entity, 'read') ? ['Readable'] : []),
        ...(isOpen(entity, 'create') ? [mayBeSilent(scope, entity) ? 'CreatableInSilence' : 'Creatable'] : []),
        ...(isOpen(entity, 'update') ? ['Updatable'] : []),
        ...(isOpen(entity, 'delete') ? ['Deletable'] : []),
      ]
    : []
  const files = hasRest ? shownFiles(entity) : []
  const actions = actionsOf(scope, entity).map((action) => {
    const by = action.address.row?.by
    const id = by === undefined || by === 'id' ? idOf(entity.entity) : fieldNamed(entity.entity, by)
    const idType = typeText(answeredSchema(id.type), { direction: 'sent', nameOf })
    const prefix = prefixOf(nameOf, `${scope.componentOf(entity.entity, '')}${pascal(action.name)}`)
    return actionText(scope, action, { name: nameOfAction(entity, action.name), prefix, nameOf, id: idType })
  })
  const members = [
    ...files.map((field) => `  readonly ${memberKey(field.name)}: ${fileType(scope, entity, field, types)}`),
    ...actions.flatMap(({ method }) => method),
  ]
  return [
    ...actions.flatMap(({ declarations }) => declarations),
    `/** The rows of ${entity.entity.name}. */`,
    `export interface ${nameOf(`${scope.componentOf(entity.entity, '')}Rows`)}${bases.length === 0 ? '' : ` extends ${bases.map((base) => `${base}<${types}>`).join(', ')}`} {${members.length === 0 ? '}' : ''}`,
    ...members,
    ...(members.length === 0 ? [] : ['}']),
    '',
  ]
}

function actionsOf(scope: Scope, { entity }: EntityView) {
  return calledActions(scope).filter((action) => action.entity === entity.name)
}

function nameOfAction({ entity }: EntityView, name: string): string {
  return memberKey(
    actionName(
      name,
      fileFieldsOf(entity).map((field) => field.name),
    ),
  )
}

/** Whether some caller who creates an account is not told whether its login is taken. */
function mayBeSilent(scope: Scope, { entity, hidesTakenLogin }: EntityView): boolean {
  return hidesTakenLogin || scope.anonymous.entities.get(entity.name)?.hidesTakenLogin === true
}

function shownFiles(entity: EntityView): readonly HeldFile[] {
  return fileFieldsOf(entity.entity).filter((field) => fileOperations(entity, field).length > 0)
}

function fileOperations(entity: EntityView, field: HeldFile): readonly FileOperation[] {
  const all: readonly FileOperation[] = ['getFile', 'linkFile', 'putFile', 'deleteFile', 'openUpload']
  return all.filter((operation) => isFileShown(entity, { entity: entity.entity, field }, operation))
}

function fileType({ model }: Scope, entity: EntityView, field: HeldFile, types: string): string {
  const sizes = field.type.sizes.map(({ name }) => literalText(name))
  const of: Readonly<Record<FileOperation, string | null>> = {
    getFile: `FileReads<${types}${sizes.length === 0 ? '' : `, ${union(sizes)}`}>`,
    linkFile: model.identity === null ? null : `FileLinks<${types}>`,
    putFile: `FileWrites<${types}>`,
    deleteFile: field.optional ? `FileRemoval<${types}>` : null,
    openUpload: 'FileStaging',
    sendUpload: null,
  }
  return fileOperations(entity, field)
    .flatMap((operation) => of[operation] ?? [])
    .join(' & ')
}

/** Signing in, and signing up if anybody may. */
function authMembers(context: EntityContext): readonly string[] {
  const { scope, nameOf } = context
  const { identity, served } = scope.model
  const entity = identity === null ? undefined : scope.view.entities.get(identity.entity)
  if (identity === null || entity === undefined) return []
  if (served.rest === null) return ['  readonly auth: SentTokens']
  const { types } = entityNames(context, entity)
  const login = fieldNamed(entity.entity, identity.login)
  const loginType = typeText(answeredSchema(login.type), { direction: 'sent', nameOf })
  const credentials = `{ ${memberKey(identity.login)}: ${loginType}; ${memberKey(identity.password)}: string }`
  const registration = isOpen(entity, 'create') ? ` & Registration<${types}${mayBeSilent(scope, entity) ? ', null' : ''}>` : ''
  return [`  readonly auth: Auth<${types}, ${credentials}>${registration}`]
}

/** What the runtime must know, as an object of TypeScript. */
function factsText(scope: Scope): string {
  const { model } = scope
  const collections = collectionNames(model)
  const facts = {
    base: model.served.rest === null ? '' : restBase(model),
    scheme: model.identity?.token.scheme ?? null,
    collections: Object.fromEntries(
      shownEntities(scope).map((entity) => {
        const files = shownFiles(entity).map(({ name }) => [name, name])
        const actions = actionsOf(scope, entity).map((action) => [nameOfAction(entity, action.name), actionFacts(scope, action)])
        return [
          collections.get(entity.entity.name) ?? '',
          {
            path: encodeURIComponent(entity.entity.path),
            ...(files.length === 0 ? {} : { files: Object.fromEntries(files) }),
            ...(actions.length === 0 ? {} : { actions: Object.fromEntries(actions) }),
          },
        ]
      }),
    ),
    actions: Object.fromEntries(
      calledActions(scope)
        .filter(({ entity }) => entity === null)
        .map((action) => [action.name, actionFacts(scope, action)]),
    ),
  }
  return valueText(facts, '')
}

/** A value as TypeScript: objects that fit on a line, and others member by member. */
function valueText(value: unknown, indent: string): string {
  if (Array.isArray(value)) return `[${value.map((one) => valueText(one, indent)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return literalText(value)
  const members = Object.entries(value)
  if (members.length === 0) return '{}'
  const line = `{ ${members.map(([name, one]) => `${memberKey(name)}: ${valueText(one, '')}`).join(', ')} }`
  if (line.length < 100 && !line.includes('\n')) return line
  const inner = `${indent}  `
  return `{\n${members.map(([name, one]) => `${inner}${memberKey(name)}: ${valueText(one, inner)},\n`).join('')}${indent}}`
}
