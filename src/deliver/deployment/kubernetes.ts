/** The backend on Kubernetes: a base and an overlay for each stage, for Kustomize. */

import type { DeliveredFile } from '../files/delivered-file.ts'
import { ACCOUNT, type Deployed, METRICS_PORT, PORT, plinthCommand, STOP_SECONDS, yamlText } from './deployed.ts'

const FOLDER = 'deploy/kubernetes'
/** Memory in MB where none was measured, and how much of what was measured is asked for. */
const USUAL_MB = 256
const ROOM = 1.5

/** Settings and the addresses of services are not known here. */
const OTHER_PORTS =
  '. Instances reach no other ports: add those of Redis (6379), of a collector of traces (4318) and of services, where you use them.'

/** The files. Secrets are not among them: each stage needs a Secret of the name of the backend. */
export function kubernetesFiles(deployed: Deployed): readonly DeliveredFile[] {
  const { name } = deployed.model
  const resources = {
    'deployment.yaml': [serving(deployed)],
    'worker.yaml': [working(deployed)],
    'service.yaml': [service(name), ingress(name)],
    'scaling.yaml': [scaler(name), disruptions(name)],
    'network.yaml': [network(deployed)],
    'migration.yaml': [migration(deployed)],
  }
  const base = Object.entries(resources).map(([file, values]) => ({
    path: `${FOLDER}/base/${file}`,
    content: yamlText(`${name}: ${file}${file === 'network.yaml' ? OTHER_PORTS : ''}`, ...values),
  }))
  return [
    {
      path: `${FOLDER}/base/kustomization.yaml`,
      content: yamlText(`${name}, without a stage.`, kustomization({ resources: Object.keys(resources) })),
    },
    ...base,
    ...monitored(name),
    overlay(deployed, 'staging', { host: `staging.${name}.example.com`, instances: 1 }),
    overlay(deployed, 'production', { host: `${name}.example.com`, instances: 2 }),
  ]
}

/** A component for clusters with the operator of Prometheus. Overlays take it: `components: [../../monitoring]`. */
function monitored(name: string): readonly DeliveredFile[] {
  const scraped = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': 'metrics' }
  const service = {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: metadata(name, 'metrics', '-metrics') },
    spec: {
      ...{ clusterIP: 'None', selector: { 'app.kubernetes.io/name': name } },
      ports: [{ name: 'metrics', port: METRICS_PORT, targetPort: 'metrics' }],
    },
  }
  const monitor = {
    ...{ apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor', metadata: metadata(name, 'metrics') },
    spec: {
      selector: { matchLabels: scraped },
      // The alert rules know the backend as this job.
      endpoints: [{ port: 'metrics', interval: '15s', relabelings: [{ targetLabel: 'job', replacement: 'plinth' }] }],
    },
  }
  const component = { apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component', resources: ['monitor.yaml'] }
  return [
    {
      path: `${FOLDER}/monitoring/kustomization.yaml`,
      content: yamlText(`${name}: for clusters with the operator of Prometheus.`, component),
    },
    { path: `${FOLDER}/monitoring/monitor.yaml`, content: yamlText(`${name}: monitor.yaml`, service, monitor) },
  ]
}

function kustomization(members: object): object {
  return { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...members }
}

function overlay(
  { model: { name } }: Deployed,
  stage: string,
  { host, instances }: { readonly host: string; readonly instances: number },
): DeliveredFile {
  const patch = (kind: string, target: string, path: string, value: unknown): object => ({
    target: { kind, name: target },
    patch: JSON.stringify([{ op: 'replace', path, value }]),
  })
  return {
    path: `${FOLDER}/overlays/${stage}/kustomization.yaml`,
    content: yamlText(
      `${name} in ${stage}. It needs a Secret ${name}-secrets in its namespace; deploy/env/${stage}.env names its members.`,
      kustomization({
        namespace: `${name}-${stage}`,
        resources: ['../../base'],
        images: [{ name, newName: `registry.example.com/${name}`, newTag: 'latest' }],
        configMapGenerator: [
          {
            name: `${name}-settings`,
            literals: [
              'NODE_ENV=production',
              `PUBLIC_URL=https://${host}`,
              `METRICS_PORT=${METRICS_PORT}`,
              'METRICS_HOST=0.0.0.0',
              'LOG_LEVEL=info',
            ],
          },
        ],
        patches: [
          patch('Ingress', name, '/spec/rules/0/host', host),
          patch('Ingress', name, '/spec/tls/0/hosts/0', host),
          patch('HorizontalPodAutoscaler', name, '/spec/minReplicas', instances),
          patch('Deployment', name, '/spec/replicas', instances),
        ],
      }),
    ),
  }
}

function labels(name: string, part: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': part }
}

function metadata(name: string, part: string, suffix = ''): object {
  return { name: `${name}${suffix}`, labels: labels(name, part) }
}

/** Kubernetes reads `$(` in a command as the beginning of a variable. */
function podCommand(deployed: Deployed, command: string): readonly string[] {
  return plinthCommand(deployed, command).map((word) => word.replaceAll('$(', '$$$$('))
}

function deployment(deployed: Deployed, part: 'server' | 'worker', container: object): object {
  const { name } = deployed.model
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(name, part, part === 'worker' ? '-worker' : ''),
    spec: {
      replicas: 1,
      selector: { matchLabels: labels(name, part) },
      template: {
        metadata: {
          labels: labels(name, part),
          annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(METRICS_PORT) },
        },
        spec: pod(deployed, { name: part, ...container }),
      },
    },
  }
}

/** A pod that may do nothing but run its program. */
function pod(deployed: Deployed, container: object): object {
  const { name } = deployed.model
  const memory = `${memoryOf(deployed)}Mi`
  return {
    automountServiceAccountToken: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: ACCOUNT,
      runAsGroup: ACCOUNT,
      fsGroup: ACCOUNT,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    terminationGracePeriodSeconds: STOP_SECONDS,
    containers: [
      {
        ...{ image: name, ...container },
        envFrom: [{ configMapRef: { name: `${name}-settings` } }, { secretRef: { name: `${name}-secrets` } }],
        resources: { requests: { cpu: '250m', memory }, limits: { memory: `${memoryOf(deployed) * 2}Mi` } },
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      },
    ],
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '256Mi' } }],
  }
}

/** The most memory that a serving process had under load, with room; a usual one where none was measured. */
function memoryOf({ report }: Deployed): number {
  const measured = (report.performance?.operations ?? []).flatMap(({ cost }) => (cost.serverMb === null ? [] : [cost.serverMb]))
  return measured.length === 0 ? USUAL_MB : Math.ceil((Math.max(...measured) * ROOM) / 64) * 64
}

function serving(deployed: Deployed): object {
  const probe = (path: string, more: object): object => ({ httpGet: { path, port: 'http' }, ...more })
  return deployment(deployed, 'server', {
    command: podCommand(deployed, 'serve'),
    env: [{ name: 'WORK', value: 'off' }],
    ports: [
      { name: 'http', containerPort: PORT },
      { name: 'metrics', containerPort: METRICS_PORT },
    ],
    startupProbe: probe('/health/live', { periodSeconds: 2, failureThreshold: 30 }),
    readinessProbe: probe('/health/ready', { periodSeconds: 5 }),
    livenessProbe: probe('/health/live', { periodSeconds: 10 }),
  })
}

function working(deployed: Deployed): object {
  return deployment(deployed, 'worker', {
    command: podCommand(deployed, 'work'),
    ports: [{ name: 'metrics', containerPort: METRICS_PORT }],
  })
}

function service(name: string): object {
  return {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: metadata(name, 'server') },
    spec: { selector: labels(name, 'server'), ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  }
}

function ingress(name: string): object {
  const host = `${name}.example.com`
  const backend = { service: { name, port: { name: 'http' } } }
  return {
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: metadata(name, 'server') },
    spec: {
      tls: [{ hosts: [host], secretName: `${name}-tls` }],
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  }
}

function scaler(name: string): object {
  return {
    ...{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: metadata(name, 'server') },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      ...{ minReplicas: 2, maxReplicas: 6 },
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
    },
  }
}

function disruptions(name: string): object {
  return {
    ...{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: metadata(name, 'server') },
    spec: { maxUnavailable: 1, selector: { matchLabels: labels(name, 'server') } },
  }
}

/** In: requests and the monitoring. Out: names, the database, and what the design reaches. */
function network({ model }: Deployed): object {
  const { name, mail, broker } = model
  const out = [5432, 443, ...(mail === null ? [] : [587, 465]), ...(broker === null ? [] : [broker.kind === 'nats' ? 4222 : 9092])]
  const port = (number: number, protocol = 'TCP'): object => ({ protocol, port: number })
  return {
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: metadata(name, 'network') },
    spec: {
      podSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        { ports: [port(PORT)] },
        { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }], ports: [port(METRICS_PORT)] },
      ],
      egress: [{ ports: [port(53, 'UDP'), port(53)] }, { ports: out.map((number) => port(number)) }],
    },
  }
}

function migration(deployed: Deployed): object {
  const { name } = deployed.model
  return {
    ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: metadata(name, 'migration', '-migrate') },
    spec: {
      ...{ backoffLimit: 1, ttlSecondsAfterFinished: 86_400 },
      template: {
        metadata: { labels: labels(name, 'migration') },
        spec: { restartPolicy: 'Never', ...pod(deployed, { name: 'migrate', command: podCommand(deployed, 'migrate') }) },
      },
    },
  }
}
