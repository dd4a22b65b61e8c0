/** The table of commands: everything that `--help`, the reference and the argument parser know. A command's code is loaded when it is called. */

import { BLOCKING } from '../postgres/migrate/migration-plan.ts'
import type { ArgumentFacts, CommandFacts, OptionFacts } from './terminal/command.ts'

const DESIGN: ArgumentFacts = {
  name: 'design',
  required: false,
  meaning: 'the design: a .ts, .yaml, .yml or .json file; design.* in this folder unless given',
}

const ALLOW: OptionFacts = {
  name: 'allow',
  takes: 'values',
  value: 'hazard',
  choices: [...BLOCKING],
  meaning: 'let the migration do what it refuses otherwise; may be given more than once',
}

export const COMMANDS: readonly CommandFacts[] = [
  {
    name: 'init',
    summary: 'make a new project: a folder with a small design that runs',
    arguments: [{ name: 'folder', required: false, meaning: 'where to write it' }],
    options: [
      { name: 'name', takes: 'value', value: 'name', meaning: "what the backend is called; the folder's name unless given" },
      { name: 'format', takes: 'value', value: 'format', choices: ['ts', 'yaml'], meaning: 'how the design is written; ts unless given' },
      { name: 'yes', takes: 'flag', meaning: 'ask nothing' },
      { name: 'force', takes: 'flag', meaning: 'write into a folder that is not empty; files that are there are left as they are' },
    ],
    examples: [
      { line: 'plinth init shop && cd shop && npm install && npm start', does: 'a backend that runs, from nothing' },
      { line: 'plinth init shop --format yaml --yes', does: 'the same in YAML, without a question' },
    ],
    node: 'any',
    stops: 'at-once',
    load: async () => {
      const { init } = await import('./init.ts')
      return (call, io) => {
        const format = call.option('format')
        return init(
          {
            folder: call.argument('folder'),
            name: call.option('name'),
            format: format === 'ts' || format === 'yaml' ? format : undefined,
            questions: call.flag('yes') ? 'flags' : 'ask',
            occupied: call.flag('force') ? 'add' : 'refuse',
          },
          io,
        )
      }
    },
  },
  {
    name: 'plan',
    summary: 'review a design: findings, tasks, tables, migration steps, index proof, testing strategy',
    arguments: [DESIGN],
    options: [
      { name: 'sql', takes: 'flag', meaning: 'print the SQL of the migration steps' },
      { name: 'quick', takes: 'flag', meaning: 'ask no database: the migration starts from an empty one, and the index proof is left out' },
    ],
    examples: [
      { line: 'plinth plan', does: 'what the design in this folder amounts to' },
      { line: 'plinth plan --sql', does: 'with the SQL that would run' },
      { line: 'plinth plan --quick', does: 'without a database, so without what grows with the tables' },
      { line: 'plinth plan blog.yaml --json', does: 'the same as JSON' },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { plan } = await import('./plan.ts')
      return (call, io) =>
        plan(
          {
            design: call.argument('design'),
            statements: call.flag('sql') ? 'print' : 'count',
            database: call.flag('quick') ? 'none' : 'ask',
          },
          io,
        )
    },
  },
  {
    name: 'up',
    summary: 'serve the design for development, and follow every change that is saved',
    arguments: [DESIGN],
    options: [],
    examples: [
      { line: 'plinth up', does: 'on http://localhost:3000, with a PostgreSQL of its own' },
      { line: 'PORT=4000 plinth up blog.yaml', does: 'another design on another port' },
      { line: 'DATABASE_URL=postgres://me@localhost/shop plinth up', does: 'with a PostgreSQL that runs already' },
    ],
    node: 'required',
    stops: 'drains',
    load: async () => {
      const { up } = await import('./up.ts')
      return (call, io) => up({ design: call.argument('design') }, io)
    },
  },
  {
    name: 'serve',
    summary: 'serve the design in production, with all settings from the environment',
    arguments: [DESIGN],
    options: [{ name: 'migrate', takes: 'flag', meaning: 'bring the database up to date first, unless a step is hazardous' }],
    examples: [
      { line: 'plinth serve', does: 'start; names every setting that is missing' },
      { line: 'plinth serve --migrate', does: 'migrate, then start; instances that start together migrate once' },
    ],
    node: 'required',
    stops: 'drains',
    load: async () => {
      const { serve } = await import('./serve.ts')
      return (call, io) => serve({ design: call.argument('design'), migrations: call.flag('migrate') ? 'apply' : 'refuse' }, io)
    },
  },
  {
    name: 'migrate',
    summary: 'bring the database up to date with the design',
    arguments: [DESIGN],
    options: [{ name: 'dry-run', takes: 'flag', meaning: 'print the steps and their SQL, and change nothing' }, ALLOW],
    examples: [
      { line: 'plinth migrate --dry-run', does: 'what would change' },
      { line: 'plinth migrate', does: 'change it; refused if a step is hazardous' },
      { line: 'plinth migrate --allow deletes-data', does: 'drop what the design no longer has' },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { migrateDesign } = await import('./migrate.ts')
      return (call, io) =>
        migrateDesign({ design: call.argument('design'), run: call.flag('dry-run') ? 'dry' : 'apply', allow: call.values('allow') }, io)
    },
  },
  {
    name: 'grant',
    summary: 'give an account a role, straight in the database: how the first admin comes to be',
    arguments: [
      { name: 'login', required: true, meaning: 'what the account signs in with' },
      { name: 'role', required: true, meaning: 'one of the roles in the design' },
      DESIGN,
    ],
    options: [],
    examples: [{ line: 'plinth grant ada@example.com admin', does: 'make an account that has registered an admin' }],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { grant } = await import('./grant.ts')
      return (call, io) =>
        grant({ login: call.argument('login') ?? '', role: call.argument('role') ?? '', design: call.argument('design') }, io)
    },
  },
  {
    name: 'schema',
    summary: 'print the JSON Schema of a design, for editors',
    arguments: [],
    options: [],
    examples: [{ line: 'plinth schema > design.schema.json', does: 'a file that YAML editors complete and check designs by' }],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { schema } = await import('./schema.ts')
      return async () => schema()
    },
  },
]
