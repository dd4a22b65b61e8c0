import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { COMMANDS } from '../../src/commands/catalogue.ts'
import { PLINTH, ROOT, run, temporaryFolder } from '../support/command-line.ts'
import { runHere } from './command-here.ts'

describe('help and usage', () => {
  test('plinth alone lists every command, and so does --help', async (t) => {
    const alone = await run(t, [...PLINTH])
    const help = await run(t, [...PLINTH, '--help'])
    assert.deepEqual([alone.code, help.code], [0, 0])
    assert.equal(alone.stdout, help.stdout)
    for (const { name, summary } of COMMANDS)
      assert.match(help.stdout.replaceAll(/\s+/g, ' '), new RegExp(`${name} .*${summary.slice(0, 20)}`))
  })

  for (const { name, examples, options } of COMMANDS) {
    test(`plinth ${name} --help names its options and shows its examples`, async (t) => {
      const { code, stdout } = await run(t, [...PLINTH, name, '--help'])
      assert.equal(code, 0)
      for (const { line } of examples) assert.ok(stdout.includes(line), line)
      for (const option of [...options.map((facts) => facts.name), 'json']) assert.ok(stdout.includes(`--${option}`), option)
    })
  }

  test('--version is the version of the package', async (t) => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    assert.equal((await run(t, [...PLINTH, '--version'])).stdout, `${version}\n`)
  })

  for (const [args, says] of [
    [['plam'], /unknown command 'plam'.*Did you mean plan/s],
    [
      ['nope'],
      /unknown command 'nope'.*init, import, plan, up, serve, settings, events, webhooks, jobs, work, migrate, verify, scaffold, implement, client, deliver, mcp, agent, grant, backup, restore, transfer, keys, privacy, psql, reset, schema/s,
    ],
    [
      ['help', 'nope'],
      /^error: unknown command 'nope'\n.*init, import, plan, up, serve, settings, events, webhooks, jobs, work, migrate, verify, scaffold, implement, client, deliver, mcp, agent, grant, backup, restore, transfer, keys, privacy, psql, reset, schema/,
    ],
    [['help', 'plam'], /unknown command 'plam'.*Did you mean plan/s],
    [['plan', '--sqk'], /unknown option '--sqk'.*Did you mean --sql/s],
    [['plan', 'a', 'b'], /too many arguments/],
    [['grant', 'ada@example.com'], /missing required argument 'role'/],
    [['migrate', '--allow', 'everything'], /Allowed choices are deletes-data/],
    [['plan', 'nowhere.yaml'], /nowhere\.yaml: there is no such file.*plinth init/s],
  ] as const) {
    test(`plinth ${args.join(' ')} is wrong usage: exit code 2, and what to type instead`, async (t) => {
      const { code, stdout, stderr } = await run(t, [...PLINTH, ...args], { cwd: temporaryFolder(t) })
      assert.equal(code, 2)
      assert.match(stderr, says)
      assert.equal(stdout, '')
    })
  }

  test('an error is JSON for a program that asks for JSON', async (t) => {
    const { code, stdout } = await run(t, [...PLINTH, 'init', '--json'], { cwd: temporaryFolder(t) })
    assert.equal(code, 2)
    const { error } = JSON.parse(stdout)
    assert.equal(error.exit, 2)
    assert.match(error.hint, /plinth init/)
  })

  test('every wrong argument is reported as JSON with --json, in the same form as other errors', async (t) => {
    for (const [args, says] of [
      [['plam'], /^unknown command 'plam' \(Did you mean plan\?\)$/],
      [['help', 'nope'], /^unknown command 'nope'$/],
      [['plan', '--sqk'], /^unknown option '--sqk'/],
      [['plan', 'a', 'b'], /^too many arguments/],
      [['grant', 'ada@example.com'], /^missing required argument 'role'$/],
      [['migrate', '--allow', 'everything'], /Allowed choices are deletes-data/],
    ] as const) {
      const { code, stdout, stderr } = await run(t, [...PLINTH, ...args, '--json'], { cwd: temporaryFolder(t) })
      const { error, ...others } = JSON.parse(stdout)
      assert.deepEqual([code, error.exit, stderr, others], [2, 2, '', {}], args.join(' '))
      assert.match(error.message, says)
      assert.match(error.hint, /init, import, plan, up/)
    }
  })

  test('every command reports a design with errors as an error with its findings', async (t) => {
    const cwd = temporaryFolder(t)
    writeFileSync(join(cwd, 'design.yaml'), 'name: x\nentities: { Post: { fields: { title: { type: txt } } } }\n')
    for (const args of [['plan'], ['up'], ['migrate'], ['grant', 'ada@example.com', 'admin']] as const) {
      const { code, stdout } = await runHere(t, [...args, '--json'], { cwd })
      const { error, findings, design } = JSON.parse(stdout)
      assert.deepEqual([code, error.exit, design, findings.length], [1, 1, 'design.yaml', 1], args.join(' '))
      assert.equal(error.message, 'design.yaml has 1 error; nothing was started or changed')
    }
  })

  test('text is coloured when asked for, never with NO_COLOR, and not in a pipe', async (t) => {
    const colours = async (env: Record<string, string>) =>
      (await run(t, [...PLINTH, 'init', 'shop'], { cwd: temporaryFolder(t), env })).stdout.includes('\u001b[')
    assert.deepEqual(
      [await colours({ FORCE_COLOR: '1' }), await colours({ FORCE_COLOR: '1', NO_COLOR: '1' }), await colours({})],
      [true, false, false],
    )
  })

  test('a reader that closes the pipe early causes no error', async (t) => {
    const { code, stderr } = await run(t, ['bash', '-c', `set -o pipefail; ${PLINTH.join(' ')} schema | head -c 1 >/dev/null`])
    assert.deepEqual([code, stderr], [0, ''])
  })
})

describe('init', () => {
  test('init writes a design without findings in TypeScript and YAML, and both give the same model', async (t) => {
    const cwd = temporaryFolder(t)
    const plans: string[] = []
    for (const format of ['ts', 'yaml']) {
      const made = await run(t, [...PLINTH, 'init', 'corner-shop', '--format', format, '--json'], { cwd: join(mkdir(cwd, format)) })
      assert.equal(made.code, 0, made.stderr)
      const { written, folder } = JSON.parse(made.stdout)
      assert.ok(written.includes(`design.${format}`))
      const named = readFileSync(join(folder, 'README.md'), 'utf8').match(/design\.[a-z.]+[a-z]/g) ?? []
      assert.deepEqual(named, [`design.${format}`, format === 'ts' ? 'design.test.ts' : 'design.test.js'])
      assert.deepEqual(
        named.filter((path) => !written.includes(path)),
        [],
      )
      const { design, ...plan } = JSON.parse(
        (await runHere(t, ['plan', '--quick', '--json'], { cwd: join(cwd, format, 'corner-shop') })).stdout,
      )
      assert.equal(design, `design.${format}`)
      assert.deepEqual(plan.findings, [])
      assert.equal(plan.name, 'corner-shop')
      plans.push(JSON.stringify(plan))
    }
    assert.equal(plans[0], plans[1])
  })

  test('init refuses a folder with files, and with --force adds only missing files', async (t) => {
    const cwd = temporaryFolder(t)
    mkdirSync(join(cwd, 'shop/.git'), { recursive: true })
    assert.equal((await run(t, [...PLINTH, 'init', 'shop'], { cwd })).code, 0, 'a repository without files is empty')
    writeFileSync(join(cwd, 'shop/design.ts'), '// mine')
    const refused = await run(t, [...PLINTH, 'init', 'shop'], { cwd })
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /is not empty.*--force/s)
    const forced = await run(t, [...PLINTH, 'init', 'shop', '--force'], { cwd })
    assert.equal(forced.code, 0)
    assert.match(forced.stdout, /Not changed, because they exist: package\.json, design\.ts/)
    assert.equal(readFileSync(join(cwd, 'shop/design.ts'), 'utf8'), '// mine')
  })

  test('init makes a valid name from the name of the folder, and prints the next commands', async (t) => {
    const { code, stdout } = await run(t, [...PLINTH, 'init', "Ana's Café"], { cwd: temporaryFolder(t) })
    assert.equal(code, 0)
    assert.match(stdout, /^Created ana-s-cafe in /)
    assert.ok(stdout.includes("  cd 'Ana'\\''s Café'\n"), stdout)
  })

  test('init without a terminal needs a folder, and its name must be valid', async (t) => {
    const cwd = temporaryFolder(t)
    const [nowhere, badName] = [
      await run(t, [...PLINTH, 'init'], { cwd }),
      await run(t, [...PLINTH, 'init', 'x', '--name', 'A B'], { cwd }),
    ]
    assert.deepEqual([nowhere.code, badName.code], [2, 2])
    assert.match(nowhere.stderr, /plinth init <folder>/)
    assert.equal(existsSync(join(cwd, 'x')), false)
  })
})

describe('plan', () => {
  test('plan of a design with errors shows every finding with its position, and exits with 1', async (t) => {
    const cwd = temporaryFolder(t)
    const design = 'name: demo\nentities:\n  Post:\n    fields:\n      title: { type: txt }\n    access:\n      read: publishd\n'
    writeFileSync(join(cwd, 'design.yaml'), design)
    const { code, stdout } = await run(t, [...PLINTH, 'plan'], { cwd })
    assert.equal(code, 1)
    assert.match(stdout, /design\.yaml:5:\d+ error PLN-D\d+ entities\.Post\.fields\.title/)
    const json = JSON.parse((await runHere(t, ['plan', '--json'], { cwd })).stdout)
    assert.ok(json.findings.length >= 1)
    assert.equal(json.findings[0].at.line, 5)
  })

  test('plan of a design shows tables, rules, steps, tasks, tests and targets', async (t) => {
    const { code, stdout } = await runHere(t, ['plan', 'examples/blog/design.ts', '--quick', '--sql'], { cwd: ROOT })
    assert.equal(code, 0)
    for (const part of [
      /^blog: 2 entities, \d+ columns, \d+ migration steps, \d+ test cases, no findings$/m,
      /^ {2}users \(User\)$/m,
      /^ {4}email +text +not null, unique$/m,
      /^ {4}author_id +uuid +not null, references users on delete cascade$/m,
      /^ {2}User +read +true$/m,
      /^Set by the server\n {2}Post\.author +auth\.id +when the row is created$/m,
      /^Migration from an empty database: \d+ steps$/m,
      /^create table "public"\."posts" \($/m,
      /^ {2}built +identity +\/api\/auth: register, login/m,
      /^Testing strategy: \d+ cases$/m,
      /^ {2}throughput +500 requests\/s$/m,
    ]) {
      assert.match(stdout, part)
    }
  })

  test('plan names the parts of a design that are not yet in effect, and numbers of rows with what they count within', async (t) => {
    const cwd = temporaryFolder(t)
    const access = "{ read: 'true', create: 'true', update: 'true', delete: 'true' }"
    const fields =
      '{ org: { type: ref, entity: Org, immutable: true }, number: { type: sequence, within: org }, total: { type: sequence } }'
    const ticket = `  Ticket: { fields: ${fields}, access: ${access}, cache: { ttl: 5m } }`
    const org = `  Org: { fields: { name: { type: text, max: 9 } }, access: ${access} }`
    writeFileSync(join(cwd, 'design.yaml'), `name: demo\nentities:\n${org}\n${ticket}\n`)
    const { code, stdout } = await runHere(t, ['plan', '--quick'], { cwd })
    assert.equal(code, 0, stdout)
    assert.match(stdout, /^ {4}number +bigint +not null, numbered within org_id$/m)
    assert.match(stdout, /^ {4}total +bigint +not null, unique, numbered$/m)
    assert.match(stdout, /^ {4}unique \(org_id, number\)$/m)
    assert.match(stdout, /^Not yet in effect:\n {2}entities\.Ticket\.cache \(caching\)$/m)
  })

  test('plan shows that an operation without a rule is closed', async (t) => {
    const cwd = temporaryFolder(t)
    writeFileSync(
      join(cwd, 'design.yaml'),
      'name: demo\nentities:\n  Post:\n    fields:\n      title: { type: text }\n    access:\n      read: "true"\n',
    )
    const { stdout } = await runHere(t, ['plan', '--quick'], { cwd })
    assert.match(stdout, /^demo: 1 entity, .*, 1 note$/m)
    assert.match(stdout, /^ +\d+ +answers +every operation, asked so that it refuses/m)
    assert.match(stdout, /^ +delete +nobody: closed$/m)
    assert.match(stdout, /^ +yours +access +decide who may delete Post/m)
  })
})

describe('schema', () => {
  test('schema is a JSON Schema that names the parts of a design', async (t) => {
    const { code, stdout } = await run(t, [...PLINTH, 'schema'])
    assert.equal(code, 0)
    const schema = JSON.parse(stdout)
    assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema')
    assert.ok('entities' in schema.properties)
  })
})

function mkdir(parent: string, name: string): string {
  mkdirSync(join(parent, name))
  return join(parent, name)
}
