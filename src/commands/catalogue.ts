/** The table of commands, for `--help`, the reference and the argument parser. The code of a command is loaded when it is called. */

import { BLOCKING } from '../postgres/migrate/migration-plan.ts'
import { IMPORT_COMMAND } from './catalogue-import.ts'
import { CLIENT_COMMAND, DELIVER_COMMAND, SCAFFOLD_COMMAND, VERIFY_COMMAND } from './catalogue-verify.ts'
import { WORK_COMMANDS } from './catalogue-work.ts'
import { IMPLEMENT_COMMAND } from './implementing/implement-command.ts'
import { AGENT_COMMAND, mcpCommand } from './mcp/mcp-command.ts'
import { PROTECTION_COMMANDS } from './protection/protection-commands.ts'
import { SETTINGS_COMMAND } from './settings/settings-command.ts'
import { type CommandFacts, DESIGN_ARGUMENT, type OptionFacts } from './terminal/command.ts'

const ALLOW: OptionFacts = {
  name: 'allow',
  takes: 'values',
  value: 'hazard',
  choices: [...BLOCKING],
  meaning: 'allow steps with this hazard, which are refused otherwise; may be given more than once',
}

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandFacts[] = [
  {
    name: 'init',
    summary: 'make a new project: a folder with a small working design',
    arguments: [{ name: 'folder', required: false, meaning: 'where to write it' }],
    options: [
      { name: 'name', takes: 'value', value: 'name', meaning: "the name of the backend; the folder's name unless given" },
      { name: 'format', takes: 'value', value: 'format', choices: ['ts', 'yaml'], meaning: 'the format of the design; ts unless given' },
      { name: 'yes', takes: 'flag', meaning: 'ask no questions' },
      { name: 'force', takes: 'flag', meaning: 'write into a folder that is not empty; existing files are not changed' },
    ],
    examples: [
      { line: 'plinth init shop && cd shop && npm install && npm start', does: 'makes a project and runs it' },
      { line: 'plinth init shop --format yaml --yes', does: 'the same in YAML, without questions' },
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
  IMPORT_COMMAND,
  {
    name: 'plan',
    summary: 'review a design: findings, tasks, tables, migration steps, index proof, testing strategy',
    arguments: [DESIGN_ARGUMENT],
    options: [
      { name: 'sql', takes: 'flag', meaning: 'print the SQL of the migration steps' },
      { name: 'quick', takes: 'flag', meaning: 'use no database: the migration starts from an empty one, and there is no index proof' },
    ],
    examples: [
      { line: 'plinth plan', does: 'reviews the design in this folder' },
      { line: 'plinth plan --sql', does: 'with the SQL that would run' },
      { line: 'plinth plan --quick', does: 'without a database, so without the index proof' },
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
    summary: 'serve the design for development, and reload it after every saved change',
    arguments: [DESIGN_ARGUMENT],
    options: [],
    examples: [
      { line: 'plinth up', does: 'on http://localhost:3000, with a PostgreSQL of its own' },
      { line: 'PORT=4000 plinth up blog.yaml', does: 'another design on another port' },
      { line: 'DATABASE_URL=postgres://me@localhost/shop plinth up', does: 'with an existing PostgreSQL server' },
    ],
    node: 'required',
    stops: 'drains',
    notes: async () => (await import('./setup/settings/setting-lines.ts')).settingNotes('development'),
    load: async () => {
      const { up } = await import('./up.ts')
      return (call, io) => up({ design: call.argument('design') }, io)
    },
  },
  {
    name: 'serve',
    summary: 'serve the design in production, with all settings from the environment',
    arguments: [DESIGN_ARGUMENT],
    options: [
      { name: 'migrate', takes: 'flag', meaning: 'migrate the database first, unless a step is hazardous' },
      {
        name: 'workers',
        takes: 'value',
        value: 'number',
        meaning: 'serve with so many processes at one port, or with one a processor (auto); this process alone unless given',
      },
    ],
    examples: [
      { line: 'plinth serve', does: 'starts, or names every missing setting' },
      { line: 'plinth serve --migrate', does: 'migrates, then starts; instances that start together migrate once' },
      {
        line: 'plinth serve --workers 4',
        does: 'with four processes; one that ends is replaced, and SIGHUP replaces all without a lost request',
      },
    ],
    node: 'required',
    stops: 'drains',
    mode: 'production',
    notes: async () => (await import('./setup/settings/setting-lines.ts')).settingNotes('production'),
    load: async () => {
      const { serve } = await import('./serve.ts')
      return (call, io) =>
        serve(
          {
            design: call.argument('design'),
            migrations: call.flag('migrate') ? 'apply' : 'refuse',
            workers: call.option('workers'),
          },
          io,
        )
    },
  },
  SETTINGS_COMMAND,
  ...WORK_COMMANDS,
  {
    name: 'migrate',
    summary: 'migrate the database to the design',
    arguments: [DESIGN_ARGUMENT],
    options: [{ name: 'dry-run', takes: 'flag', meaning: 'print the steps and their SQL, and change nothing' }, ALLOW],
    examples: [
      { line: 'plinth migrate --dry-run', does: 'shows what would change' },
      { line: 'plinth migrate', does: 'migrates, unless a step is hazardous' },
      { line: 'plinth migrate --allow deletes-data', does: 'also drops tables and columns that the design no longer has' },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { migrateDesign } = await import('./migrate.ts')
      return (call, io) =>
        migrateDesign({ design: call.argument('design'), run: call.flag('dry-run') ? 'dry' : 'apply', allow: call.values('allow') }, io)
    },
  },
  VERIFY_COMMAND,
  SCAFFOLD_COMMAND,
  IMPLEMENT_COMMAND,
  CLIENT_COMMAND,
  DELIVER_COMMAND,
  mcpCommand(async () => {
    const [{ verify }, { filesAround }, { deliver }] = await Promise.all([
      import('./verify.ts'),
      import('./init.ts'),
      import('./delivering/deliver.ts'),
    ])
    return {
      verify: (input, io) => verify({ ...input, seed: undefined, from: undefined, mutants: false, allow: [] }, io),
      projectFiles: filesAround,
      deliver: (input, io) => deliver({ ...input, mode: 'full', mutants: false }, io, { verify }),
    }
  }),
  AGENT_COMMAND,
  {
    name: 'grant',
    summary: 'give an account a role, directly in the database: the way to make the first administrator',
    arguments: [
      { name: 'login', required: true, meaning: 'the login of the account' },
      { name: 'role', required: true, meaning: 'one of the roles in the design' },
      DESIGN_ARGUMENT,
    ],
    options: [
      { name: 'create', takes: 'flag', meaning: 'make the account, with a random password that is printed once' },
      { name: 'set', takes: 'values', value: 'field=value', meaning: 'with --create: the value of another field; may be repeated' },
    ],
    examples: [
      { line: 'plinth grant ada@example.com admin', does: 'gives a registered account the role admin' },
      {
        line: 'plinth grant --create ada@example.com admin --set name=Ada',
        does: 'makes the first account, where only accounts may create accounts',
      },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { grant } = await import('./grant.ts')
      return (call, io) =>
        grant(
          {
            login: call.argument('login') ?? '',
            role: call.argument('role') ?? '',
            design: call.argument('design'),
            create: call.flag('create') ? { values: call.values('set') } : null,
          },
          io,
        )
    },
  },
  ...PROTECTION_COMMANDS,
  {
    name: 'psql',
    summary: 'connect to the database of the project, with psql or a small SQL prompt',
    arguments: [DESIGN_ARGUMENT],
    options: [
      { name: 'url', takes: 'flag', meaning: 'print the address of the database, with its password, and connect to nothing' },
      { name: 'prompt', takes: 'flag', meaning: 'use the small SQL prompt, also if psql is on the path' },
    ],
    examples: [
      { line: 'plinth psql', does: 'opens psql; without psql on the path, a small SQL prompt' },
      {
        line: "echo 'select count(*) from notes' | plinth psql --prompt",
        does: 'runs the statements of a pipe, up to the first that fails',
      },
      { line: 'plinth psql --url', does: 'prints an address for other tools; the embedded database answers there while plinth up runs' },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { psql } = await import('./psql.ts')
      return (call, io) =>
        psql({ design: call.argument('design'), show: call.flag('url') ? 'url' : call.flag('prompt') ? 'prompt' : 'psql' }, io)
    },
  },
  {
    name: 'reset',
    summary: 'delete everything in the embedded database, and start over with empty tables',
    arguments: [DESIGN_ARGUMENT],
    options: [{ name: 'yes', takes: 'flag', meaning: 'do not ask' }],
    examples: [
      { line: 'plinth reset', does: 'asks, then deletes all rows and makes the tables of the design again' },
      { line: 'plinth reset --yes', does: 'the same without a question, for scripts' },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { reset } = await import('./reset.ts')
      return (call, io) => reset({ design: call.argument('design'), consent: call.flag('yes') ? 'given' : 'ask' }, io)
    },
  },
  {
    name: 'schema',
    summary: 'print the JSON Schema of a design, for editors, of the report of verify, or of a hand-over',
    arguments: [],
    options: [
      { name: 'verify', takes: 'flag', meaning: 'print the schema of the report.json that plinth verify writes' },
      { name: 'handover', takes: 'flag', meaning: 'print the schema of the handover.json that plinth deliver writes' },
    ],
    examples: [
      { line: 'plinth schema > design.schema.json', does: 'writes a file with which YAML editors complete and check designs' },
      { line: 'plinth schema --verify > report.schema.json', does: 'writes the schema of the reports of plinth verify' },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { schema } = await import('./schema.ts')
      return async (call) => schema(call.flag('verify') ? 'report' : call.flag('handover') ? 'handover' : 'design')
    },
  },
]
