/** A design in which every rule matters, and each of its rules dropped in turn. */

import { ALWAYS } from '../../../src/model/expression.ts'
import type { Access, Entity, Field, Model } from '../../../src/model/model.ts'
import type { About, Use } from '../request/operations.ts'
import type { AuthoredDesign } from './authored.ts'

export const FIXED: AuthoredDesign = {
  name: 'fixed',
  rules: { staff: 'auth.role in ["admin", "editor"]', mine: 'owner == auth.id' },
  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role', claims: ['level', 'team'] },
      fields: {
        name: { type: 'text' },
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['user', 'editor', 'admin'], default: 'user', write: 'auth.role == "admin"' },
        level: { type: 'integer', optional: true },
        team: { type: 'choice', values: ['red', 'blue'], optional: true },
      },
      access: { read: 'true' },
      indexes: [['name']],
    },
    Org: {
      fields: {
        title: { type: 'text' },
        owner: { type: 'ref', entity: 'User', inverse: 'orgs', default: 'auth.id', onDelete: 'cascade' },
      },
      access: { read: 'true', create: 'auth.id != null', update: 'auth.id != null', delete: 'mine' },
      indexes: [['title']],
    },
    Project: {
      fields: {
        title: { type: 'text' },
        body: { type: 'text', optional: true, read: 'mine' },
        rank: { type: 'integer', optional: true, write: 'mine || rank < 3' },
        kind: { type: 'choice', values: ['open', 'closed', 'draft'] },
        tags: { type: 'list', of: { type: 'text' }, optional: true },
        owner: { type: 'ref', entity: 'User', inverse: 'projects', onDelete: 'cascade' },
        org: { type: 'ref', entity: 'Org', inverse: 'projects', optional: true, onDelete: 'setNull' },
        lead: { type: 'ref', entity: 'User', inverse: 'leads', optional: true, onDelete: 'setNull', read: 'mine' },
      },
      access: {
        read: 'kind != "draft" || mine',
        create: 'auth.id != null && kind != "closed" && tags.exists(t, t == "apple")',
        update: { from: 'mine || title.startsWith("a")', to: 'mine || kind != "closed"' },
        delete: 'mine',
      },
      search: ['title', 'body'],
      indexes: [['title'], ['body'], ['rank'], ['kind'], ['tags'], ['lead', 'title'], ['lead', 'id']],
    },
    Task: {
      fields: {
        title: { type: 'text' },
        project: { type: 'ref', entity: 'Project', inverse: 'tasks', onDelete: 'cascade' },
      },
      access: { read: 'true', create: 'auth.id != null', update: 'auth.id != null', delete: 'auth.id != null' },
      indexes: [['title']],
    },
  },
}

export interface Mutation {
  readonly rule: string
  /** The field that the read rule guards; null for a rule on whole rows. */
  readonly about: About
  readonly drop: (model: Model) => Model
  readonly uses: readonly Use[]
}

/** Each rule, and every use that it guards. */
export const MUTATIONS: readonly Mutation[] = [
  {
    rule: 'Project.read',
    about: null,
    drop: withAccess((access) => ({ ...access, read: ALWAYS })),
    uses: [
      'get',
      'head',
      'list',
      'count',
      'include one',
      'include many',
      'filter through a reference',
      'filter through a relation',
      'patch',
      'delete',
      'reference in a create',
      'reference in an update',
    ],
  },
  {
    rule: 'Project.create',
    about: null,
    drop: withAccess((access) => ({ ...access, create: ALWAYS })),
    uses: ['create one', 'create many'],
  },
  {
    rule: 'Project.update.from',
    about: null,
    drop: withAccess((access) => ({ ...access, update: { ...access.update, from: ALWAYS } })),
    uses: ['patch', 'put'],
  },
  {
    rule: 'Project.update.to',
    about: null,
    drop: withAccess((access) => ({ ...access, update: { ...access.update, to: ALWAYS } })),
    uses: ['patch', 'put'],
  },
  { rule: 'Project.delete', about: null, drop: withAccess((access) => ({ ...access, delete: ALWAYS })), uses: ['delete'] },
  {
    rule: 'Project.body.read',
    about: 'body',
    drop: withField('body', (field) => ({ ...field, read: ALWAYS })),
    uses: [
      'get',
      'list',
      'count',
      'include one',
      'include many',
      'filter',
      'filter expression',
      'filter through a reference',
      'filter through a relation',
      'sort',
      'search',
      'answer to a create',
      'answer to an update',
    ],
  },
  {
    rule: 'Project.lead.read',
    about: 'lead',
    drop: withField('lead', (field) => ({ ...field, read: ALWAYS })),
    uses: [
      'get',
      'list',
      'include one',
      'include many',
      'filter',
      'filter expression',
      'filter through a reference',
      'filter through a relation',
      'sort',
    ],
  },
  {
    rule: 'Project.rank.write',
    about: null,
    drop: withField('rank', (field) => ({ ...field, write: ALWAYS })),
    uses: ['create one', 'create many', 'patch', 'put'],
  },
]

function withProject(change: (project: Entity) => Entity): (model: Model) => Model {
  return (model) => ({ ...model, entities: model.entities.map((entity) => (entity.name === 'Project' ? change(entity) : entity)) })
}

function withAccess(change: (access: Access) => Access): (model: Model) => Model {
  return withProject((project) => ({ ...project, access: change(project.access) }))
}

function withField(name: string, change: (field: Field) => Field): (model: Model) => Model {
  return withProject((project) => ({ ...project, fields: project.fields.map((field) => (field.name === name ? change(field) : field)) }))
}
