/** The files by which a backend is deployed. */

import type { Untested } from '../evidence/part.ts'
import type { DeliveredFile } from '../files/delivered-file.ts'
import { containerFiles } from './container.ts'
import { databaseFiles } from './database.ts'
import { deployScript } from './deploy-script.ts'
import type { Deployed } from './deployed.ts'
import { environmentFiles } from './environments.ts'
import { kubernetesFiles } from './kubernetes.ts'
import { outsideChecks } from './outside-checks.ts'
import { pipelineFiles } from './pipelines.ts'
import { proxyFiles } from './proxies.ts'

/** Makes the files, with paths relative to the project. They hold no secrets. */
export function deploymentFiles(deployed: Deployed): readonly DeliveredFile[] {
  return [
    ...containerFiles(deployed),
    ...kubernetesFiles(deployed),
    deployScript(deployed),
    ...environmentFiles(deployed),
    ...pipelineFiles(deployed),
    ...databaseFiles(deployed),
    ...proxyFiles(deployed),
    ...outsideChecks(deployed),
  ]
}

/** What of a deployment nothing has run. */
export const DEPLOYMENT_NOT_RUN: readonly Untested[] = [
  { what: 'the container image and compose.yaml', why: 'not run here: deliver starts no containers' },
  { what: 'the Kubernetes manifests and deploy.sh', why: 'not run here: deliver has no cluster' },
  { what: 'the pipelines of GitHub Actions and GitLab CI', why: 'not run here' },
  { what: 'the units of systemd', why: 'not run here' },
  { what: 'the examples for nginx and HAProxy', why: 'not run here' },
  { what: 'the configurations of k6, Schemathesis and ZAP', why: 'not run here' },
]
