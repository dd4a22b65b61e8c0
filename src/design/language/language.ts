/** The design language, as data: the keys of a design, their values and descriptions. */

import type { Form, MapForm, ObjectForm } from './form.ts'
import { HOOKS, REACTIONS } from './language-behaviour.ts'
import { CONTRACT, ROUTES, SERVE } from './language-endpoints.ts'
import { DESCRIPTION, FIELD, WAS } from './language-fields.ts'
import { ERASE_PERSON, EXPRESSION, FIELD_NAMES, NAME, PROSE, RETENTION, SPAN, UNIQUE_FIELDS } from './language-forms.ts'
import { REQUIREMENTS, SCENARIOS, TARGETS } from './language-goals.ts'
import { IDENTITY } from './language-identity.ts'
import { INTEGRATIONS } from './language-integrations.ts'
import { JOBS, SCHEDULES } from './language-jobs.ts'
import { ACTIONS, ERRORS, SHAPES, WORKFLOWS } from './language-logic.ts'

function rule<const E extends string>(operation: E): { form: typeof EXPRESSION; required: false; description: string; example: string } {
  return {
    form: EXPRESSION,
    required: false,
    description: `Who may ${operation} a row (CEL); closed to all unless given.`,
    example: 'auth.id != null',
  }
}

const ACCESS = {
  kind: 'object',
  title: 'access',
  keys: {
    read: rule('read'),
    create: rule('create'),
    update: {
      form: {
        kind: 'either',
        of: [
          EXPRESSION,
          {
            kind: 'object',
            title: 'updateRules',
            keys: {
              from: {
                form: EXPRESSION,
                required: true,
                description: 'A condition on the row before the write (CEL).',
                example: 'author.id == auth.id',
              },
              to: { form: EXPRESSION, required: true, description: 'A condition on the row after the write (CEL).', example: '!published' },
            },
          },
        ],
      },
      required: false,
      description:
        'Who may update a row (CEL): one rule for the row before and after the write, or { from, to }; closed to all unless given.',
      example: 'author.id == auth.id',
    },
    delete: rule('delete'),
  },
} as const satisfies ObjectForm

const SEARCH = {
  kind: 'either',
  of: [
    FIELD_NAMES,
    {
      kind: 'object',
      title: 'search',
      keys: {
        fields: { form: FIELD_NAMES, required: true, description: 'The fields to search.', example: ['title', 'body'] },
        language: {
          form: NAME,
          required: false,
          description: 'A PostgreSQL text search configuration; simple unless given.',
          example: 'english',
        },
      },
    },
  ],
} as const satisfies Form

const CHECKS = {
  kind: 'map',
  max: 100,
  of: {
    kind: 'object',
    title: 'check',
    keys: {
      rule: {
        form: EXPRESSION,
        required: true,
        description: "A condition that every row must satisfy (CEL over the row's own fields).",
        example: 'endsAt > startsAt',
      },
      message: {
        form: PROSE,
        required: true,
        description: 'The message to a client whose row does not satisfy the rule.',
        example: 'must end after it starts',
      },
    },
  },
} as const satisfies MapForm

const ENTITY = {
  kind: 'object',
  title: 'entity',
  keys: {
    description: DESCRIPTION,
    identity: {
      form: IDENTITY,
      required: false,
      description: 'Makes this the entity that signs in.',
      example: { login: 'email', password: 'password', role: 'role' },
    },
    fields: {
      form: { kind: 'map', of: FIELD, max: 250 },
      required: true,
      description: 'The fields by name. Plinth adds id, createdAt, updatedAt and version.',
      example: { title: { type: 'text', max: 200 } },
    },
    access: {
      form: ACCESS,
      required: false,
      description: 'Who may read, create, update and delete rows; an operation without a rule is closed to all.',
      example: { read: 'true', create: 'auth.id != null' },
    },
    indexes: {
      form: { kind: 'list', of: FIELD_NAMES, min: 0, max: 50 },
      required: false,
      description: 'Indexes: each is a list of fields, with - in front of a field for descending order.',
      example: [['author', '-createdAt']],
    },
    unique: {
      form: { kind: 'list', of: UNIQUE_FIELDS, min: 0, max: 50 },
      required: false,
      description:
        'Unique constraints: each is a list of fields whose values no two rows may share, or such fields with options (where, named).',
      example: [['org', 'slug']],
    },
    checks: {
      form: CHECKS,
      required: false,
      description: 'Named conditions on several fields of a row.',
      example: { ordered: { rule: 'endsAt > startsAt', message: 'must end after it starts' } },
    },
    search: { form: SEARCH, required: false, description: 'Full text search over these fields.', example: ['title', 'body'] },
    cache: {
      form: {
        kind: 'object',
        keys: { ttl: { form: SPAN, required: true, description: 'How long an answer may be reused.', example: '5m' } },
      },
      required: false,
      description: 'Reuse answers for some time.',
      example: { ttl: '5m' },
    },
    softDelete: { form: { kind: 'boolean' }, required: false, description: 'Deleting hides the row and sets deletedAt.', example: true },
    history: {
      form: {
        kind: 'either',
        of: [
          { kind: 'boolean' },
          {
            kind: 'object',
            keys: { keep: { form: SPAN, required: false, description: 'How long it is kept; for ever unless given.', example: '90d' } },
          },
        ],
      },
      required: false,
      description: 'Store who changed what, and when.',
      example: true,
    },
    erase: ERASE_PERSON,
    retention: RETENTION,
    hooks: {
      form: HOOKS,
      required: false,
      description: 'Code that runs before and after writes, inside their transaction.',
      example: { beforeCreate: './hooks/post.ts' },
    },
    actions: {
      form: ACTIONS,
      required: false,
      description: 'Operations on one row.',
      example: { publish: { allow: 'author == auth.id', steps: [{ update: 'row', set: { published: true } }] } },
    },
    path: {
      form: NAME,
      required: false,
      description: 'Last segment of /api/…; the name in plural and kebab-case unless given.',
      example: 'people',
    },
    table: { form: NAME, required: false, description: 'The table; the name in plural and snake_case unless given.', example: 'people' },
    was: WAS,
  },
} as const satisfies ObjectForm

/** A whole design. */
export const DESIGN = {
  kind: 'object',
  keys: {
    $schema: {
      form: PROSE,
      required: false,
      description: 'Where editors find the JSON Schema of this document.',
      example: './design.schema.json',
    },
    name: {
      form: {
        kind: 'text',
        max: 63,
        pattern: { source: '^[a-z][a-z0-9-]*$', says: 'lower case letters, digits and -, starting with a letter' },
      },
      required: true,
      description: 'The name of the backend.',
      example: 'blog',
    },
    description: DESCRIPTION,
    contract: CONTRACT,
    rules: {
      form: { kind: 'map', of: EXPRESSION, max: 200 },
      required: false,
      description: 'Named expressions (CEL), usable by name in any other.',
      example: { staff: 'auth.role in ["admin", "moderator"]' },
    },
    entities: {
      form: { kind: 'map', of: ENTITY, max: 500 },
      required: true,
      description: 'The entities by name, in the singular: what the backend stores and serves.',
      example: { Post: { fields: { title: { type: 'text' } } } },
    },
    on: {
      form: { kind: 'map', of: REACTIONS, max: 500 },
      required: false,
      description: 'Reactions to events: Entity.created, Entity.updated, Entity.deleted. They run after the commit and are retried.',
      example: { 'User.created': [{ email: 'welcome', to: 'email' }] },
    },
    actions: {
      form: ACTIONS,
      required: false,
      description: 'Operations that are not about one row.',
      example: { cleanUp: { allow: 'auth.role == "admin"', steps: [{ delete: 'Post', where: '!published' }] } },
    },
    jobs: {
      form: JOBS,
      required: false,
      description:
        'Work that runs later. Actions and code add it in their transaction, and workers run it after the commit, at least once.',
      example: { remind: { as: 'system', input: { ticket: { ref: 'Ticket' } }, steps: [{ update: 'input.ticket', set: { late: true } }] } },
    },
    schedules: {
      form: SCHEDULES,
      required: false,
      description: 'Code or an action that runs at given times, once per cluster.',
      example: { nightly: { cron: '0 3 * * *', call: 'cleanUp' } },
    },
    workflows: {
      form: WORKFLOWS,
      required: false,
      description: 'State fields, their transitions and who may take them.',
      example: { publishing: { entity: 'Post', field: 'state', transitions: { publish: { from: 'draft', to: 'published' } } } },
    },
    shapes: {
      form: SHAPES,
      required: false,
      description: 'Answers about one row, by name. Answers use them like functions: Profile(author).',
      example: { Profile: { of: 'User', fields: ['name', 'image'] } },
    },
    errors: {
      form: ERRORS,
      required: false,
      description: 'The failures that actions add.',
      example: { codes: { out_of_stock: { message: 'there is not enough in stock' } } },
    },
    routes: ROUTES,
    integrations: {
      form: INTEGRATIONS,
      required: false,
      description: 'External services: email, http, webhooks, broker.',
      example: { email: { from: 'no-reply@example.com' } },
    },
    serve: SERVE,
    targets: {
      form: TARGETS,
      required: false,
      description: 'The performance goals of the backend; plan uses the numbers of rows.',
      example: { p99: '50ms' },
    },
    requirements: {
      form: REQUIREMENTS,
      required: false,
      description: 'What was asked for, by id, and the parts of the design that meet it.',
      example: { R1: { text: 'Anyone may read posts.', source: 'architecture.md:4', by: 'Post.access.read' } },
    },
    scenarios: {
      form: SCENARIOS,
      required: false,
      description: 'What happens to some rows when some callers do something. plinth verify tries them.',
      example: { drafts: { calls: [{ as: 'anonymous', list: 'Post', expect: [] }] } },
    },
  },
} as const satisfies ObjectForm
